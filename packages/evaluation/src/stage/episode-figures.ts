import { LABELS } from '@edgeguard/contracts';
import { type EpisodeAlert, type EpisodeEvent, EpisodeTracker } from '@edgeguard/detection';
import type { EpisodeSpan, ResultDocument } from '../evaluation-document.ts';
import { labelCode } from '../metrics/labelled-rows.ts';

/** Episodes that are kept one by one. */
const MAX_SPANS = 1000;

/** An alert on a labelled row. */
export interface LabelledAlert extends EpisodeAlert {
  readonly label: number;
  /** Place of the attack's name. */
  readonly attack: number;
}

/**
 * The episodes that alerts make, and what began them.
 *
 * @param alerts in the order of traffic time
 * @param days   of traffic that they are from
 */
export function episodeFigures(
  alerts: readonly LabelledAlert[],
  days: number,
  attackNames: readonly string[],
): NonNullable<ResultDocument['episodes']> {
  const tracker = new EpisodeTracker();
  const openedBy = new Map<number, LabelledAlert>();
  const spans: EpisodeSpan[] = [];
  const opened = { normal: 0, attack: 0, total: 0 };
  /** What began the episode that was folded last: an overflow that opens then has begun with it. */
  let folded: LabelledAlert | undefined;
  const note = (events: readonly EpisodeEvent[], latest?: LabelledAlert): void => {
    for (const { kind, episode } of events) {
      if (kind === 'open') {
        const by = (episode.scope === 'overflow' ? folded : undefined) ?? latest!;
        openedBy.set(episode.id, by);
        opened.total++;
        if (by.label === labelCode('normal')) opened.normal++;
        if (by.label === labelCode('attack')) opened.attack++;
      }
      if (kind === 'close') spans.push(spanOf(episode, openedBy.get(episode.id)!, attackNames));
      folded = kind === 'fold' ? openedBy.get(episode.id) : undefined;
      if (kind === 'close' || kind === 'fold') openedBy.delete(episode.id);
    }
  };
  for (const alert of alerts) note(tracker.observe(alert), alert);
  note(tracker.finish());
  spans.sort((a, b) => Number(BigInt(a.first) - BigInt(b.first)));
  return {
    alerts: alerts.length,
    total: opened.total,
    openedByNormal: opened.normal,
    openedByAttack: opened.attack,
    perDay: opened.total / days,
    spans: spans.slice(0, MAX_SPANS),
    furtherSpans: Math.max(0, spans.length - MAX_SPANS),
  };
}

function spanOf(
  { start, end, alerts }: EpisodeEvent['episode'],
  { label, attack }: LabelledAlert,
  attackNames: readonly string[],
): EpisodeSpan {
  return {
    first: String(start),
    last: String(end),
    alerts,
    label: LABELS[label]!,
    attack: label === labelCode('attack') ? attackNames[attack]! : '',
  };
}
