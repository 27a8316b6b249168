import { type SuppressionSubject, type Suppressor, VoteTable } from '@edgeguard/detection';
import type { Alert, AlertSubject } from '../alert/alert.ts';
import { anonymiseAlert } from '../alert/anonymise-alert.ts';
import { EpisodeReporter } from '../alert/episode-reporter.ts';
import type { Sighting } from '../alert/sighting.ts';
import { anonymiseConflict } from '../arp/anonymise-conflict.ts';
import { ConflictWatch } from '../arp/conflict-watch.ts';
import { AlertWriter } from '../output/alert-writer.ts';
import type { Watcher } from './batch-scorer.ts';
import type { DetectRequest } from './detect-request.ts';
import type { DetectSummary } from './summary.ts';

/** What a path counts. */
type AlertCounts = Pick<
  DetectSummary,
  | 'alerts'
  | 'suppressed'
  | 'suppressions'
  | 'episodes'
  | 'unreported'
  | 'folded'
  | 'evictedEpisodes'
  | 'heldUpdates'
  | 'forgottenVotes'
  | 'addressConflicts'
  | 'conflictAlerts'
  | 'written'
  | 'lostAlerts'
>;

/**
 * The way of a record that stands out: suppressed, or joined to an episode, or an alert by itself; then anonymised where that
 * is asked for, and written. Address conflicts, which a rule finds, join it at its end.
 */
export class AlertPath {
  /** Takes ARP messages. */
  readonly conflicts: ConflictWatch;
  /** Takes what the scorer finds. */
  readonly watcher: Watcher;
  readonly #writer: AlertWriter;
  readonly #suppressor: Suppressor | undefined;
  readonly #votes: VoteTable | undefined;
  /** Absent for rows of tables, which belong to nobody, and where each record is told of. */
  readonly #episodes: EpisodeReporter | undefined;
  readonly #write: (alert: Alert) => void;
  /** Records above the threshold. */
  #alerts = 0;

  constructor({ outputs, alerting = {}, anonymiser, drift, source }: DetectRequest) {
    const { tell = 'episodes', episodes, suppressor, vote, release } = alerting;
    this.#writer = new AlertWriter(outputs);
    this.#write = (alert) => this.#writer.add(anonymiser ? anonymiseAlert(alert, anonymiser) : alert);
    this.#suppressor = suppressor;
    const hasEpisodes = tell === 'episodes' && source.kind !== 'tables';
    this.#episodes = hasEpisodes ? new EpisodeReporter(this.#write, episodes) : undefined;
    this.#votes = vote && hasEpisodes ? new VoteTable(vote) : undefined;
    this.conflicts = new ConflictWatch(
      (conflict) => this.#writer.addConflict(anonymiser ? anonymiseConflict(conflict, anonymiser) : conflict),
      source.kind === 'interface' ? source.name : undefined,
    );
    this.watcher = {
      ...(drift ? { drift } : {}),
      ...(this.#votes ? { votes: this.#votes } : {}),
      ...(release !== undefined && release < 1 && hasEpisodes
        ? { release, near: (subject) => this.#sustain(subject) }
        : {}),
      ...(hasEpisodes ? { passed: (time) => this.passTime(time) } : {}),
      sighting: (sighting) => this.#take(sighting),
    };
  }

  /** Lets traffic time pass, in nanoseconds since the Unix epoch: episodes that have gone quiet are over. */
  passTime(time: bigint): void {
    this.#episodes?.advance(time);
  }

  /** A stream of traffic has ended, and with it all its episodes. */
  endStream(): void {
    this.#episodes?.finish();
  }

  /** Writes what waits. */
  drain(): Promise<void> {
    return this.#writer.drain();
  }

  counts(): AlertCounts {
    const suppressions = (this.#suppressor?.counts ?? []).map(({ rule, suppressed, expired }) => ({
      id: rule.id,
      suppressed,
      expired,
    }));
    const { unreported = 0, folded = 0, evicted = 0, heldUpdates = 0 } = this.#episodes?.counts ?? {};
    return {
      alerts: this.#alerts,
      suppressed: suppressions.reduce((sum, { suppressed }) => sum + suppressed, 0),
      suppressions,
      episodes: this.#episodes?.episodes ?? 0,
      unreported,
      folded,
      evictedEpisodes: evicted,
      heldUpdates,
      forgottenVotes: this.#votes?.evicted ?? 0,
      addressConflicts: this.conflicts.conflicts,
      conflictAlerts: this.conflicts.told,
      written: this.#writer.alerts - this.conflicts.told,
      lostAlerts: this.#writer.lost,
    };
  }

  #take(sighting: Sighting): void {
    this.#alerts++;
    if (this.#suppressor?.suppresses(suppressionSubject(sighting))) return;
    if (this.#episodes) this.#episodes.add(sighting);
    else this.#write(sighting.alert());
  }

  #sustain({ time, flow }: AlertSubject): void {
    this.#episodes?.sustain(time, flow?.source.address ?? '', flow?.destination.address ?? '');
  }
}

function suppressionSubject(sighting: Sighting): SuppressionSubject {
  const { subject, causes } = sighting;
  const { flow } = subject;
  return {
    time: subject.time,
    ...(flow ? { source: flow.source, destination: flow.destination, protocol: flow.protocol } : {}),
    // Only some rules ask.
    get finding() {
      return sighting.finding.type;
    },
    causes,
  };
}
