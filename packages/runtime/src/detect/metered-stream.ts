import type { MeteringSettings } from '@edgeguard/contracts';
import { type ArpSink, FlowMeter } from '@edgeguard/metering';
import type { RecordScorer } from './record-scorer.ts';
import { addMetering, type DetectSummary } from './summary.ts';

/** One stream of traffic on its way through meter and scorer. */
export class MeteredStream {
  readonly meter: FlowMeter;
  readonly #scorer: RecordScorer;

  constructor(settings: MeteringSettings, scorer: RecordScorer, arp: ArpSink) {
    this.meter = new FlowMeter(settings, scorer, arp);
    this.#scorer = scorer;
  }

  /** Lets traffic time pass without a packet, up to milliseconds since the Unix epoch, and scores what waits. */
  passTime(milliseconds: number): void {
    const seconds = Math.floor(milliseconds / 1000);
    this.meter.advanceTo(seconds, (milliseconds - seconds * 1000) * 1_000_000);
    this.#scorer.flush();
  }

  /** The stream has ended: what is still open is scored too, and everything counted. */
  end(summary: DetectSummary): void {
    this.meter.finish();
    this.stop(summary);
  }

  /** The stream was given up: what is still open is not looked at. */
  stop(summary: DetectSummary): void {
    this.#scorer.flush();
    addMetering(summary, this.meter.statistics());
  }
}
