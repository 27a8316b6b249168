/** Names for people. Anybody on the network can make them up: no verdict rests on them. */
export interface FlowNames {
  /** What the source had asked DNS for when it was given the destination's address. */
  readonly dns?: string;
  /** The server that the client named in TLS. */
  readonly tlsServer?: string;
  /** JA4 fingerprint of the TLS client. */
  readonly ja4?: string;
  /** What the hosts call themselves, by DHCP or multicast DNS. */
  readonly source?: string;
  readonly destination?: string;
}

/** The name that tells most about a flow's destination; undefined where there is none. */
export function destinationName(names: FlowNames | undefined): string | undefined {
  return names?.dns ?? names?.tlsServer ?? names?.destination;
}

/** Drops names that are empty; undefined where none is left. */
export function flowNames(names: Readonly<Record<keyof FlowNames, string>>): FlowNames | undefined {
  const known = Object.entries(names).filter(([, name]) => name !== '');
  return known.length === 0 ? undefined : Object.fromEntries(known);
}

/** As structured formats write them. */
export function namesInContext(names: FlowNames | undefined): Record<string, unknown> | undefined {
  if (names === undefined) return undefined;
  return {
    dns_name: names.dns,
    tls_server_name: names.tlsServer,
    ja4: names.ja4,
    source_name: names.source,
    destination_name: names.destination,
  };
}
