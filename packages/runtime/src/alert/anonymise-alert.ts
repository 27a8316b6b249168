import type { Anonymiser } from '@edgeguard/contracts/anonymise';
import type { Alert, AlertEpisode, AlertFlow, Endpoint } from './alert.ts';
import type { FlowNames } from './flow-names.ts';

/**
 * An alert whose addresses, and whatever else names somebody, are pseudonyms. Its identifiers are made of those, so they tell
 * nothing either. Ports, times and amounts stay: they are what the alert is about.
 */
export function anonymiseAlert(alert: Alert, anonymiser: Anonymiser): Alert {
  const { flow, episode } = alert;
  return {
    ...alert,
    ...(flow ? { flow: anonymousFlow(flow, anonymiser) } : {}),
    ...(episode ? { episode: anonymousEpisode(episode, anonymiser) } : {}),
  };
}

function anonymousFlow(flow: AlertFlow, anonymiser: Anonymiser): AlertFlow {
  const end = ({ address, ...rest }: Endpoint): Endpoint => ({ address: anonymiser.identity(address), ...rest });
  return {
    ...flow,
    source: end(flow.source),
    destination: end(flow.destination),
    ...(flow.names ? { names: anonymousNames(flow.names, anonymiser) } : {}),
    // The sensor's own log has the addresses under this name.
    ...(flow.sensor ? { sensor: { name: flow.sensor.name, uid: anonymiser.identity(flow.sensor.uid) } } : {}),
  };
}

/** JA4 stays: it tells which program a client is, and many clients share it. */
function anonymousNames({ ja4, ...names }: FlowNames, anonymiser: Anonymiser): FlowNames {
  const replaced = Object.entries(names).map(([kind, name]) => [kind, anonymiser.identity(name)]);
  return { ...Object.fromEntries(replaced), ...(ja4 === undefined ? {} : { ja4 }) };
}

function anonymousEpisode(episode: AlertEpisode, anonymiser: Anonymiser): AlertEpisode {
  const { source, target } = episode;
  return {
    ...episode,
    ...(source === undefined ? {} : { source: anonymiser.identity(source) }),
    ...(target === undefined ? {} : { target: anonymiser.identity(target) }),
  };
}
