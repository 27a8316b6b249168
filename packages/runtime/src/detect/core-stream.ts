import type { MeteringSettings } from '@edgeguard/contracts';
import { type ArpSink, coreFlowOfSensor, corePacketOptions, FlowCoreMeter, FlowMeter } from '@edgeguard/metering';
import type { CoreFlow } from '@edgeguard/sources';
import type { CoreScorer } from './core-scorer.ts';
import { addCoreMetering, addMetering, type DetectSummary } from './summary.ts';

/** One stream of packets or of flows on its way through the meter of flow-core and the scorer. */
export class CoreStream {
  /** Takes packets. */
  readonly meter: FlowMeter;
  readonly #core: FlowCoreMeter;
  readonly #scorer: CoreScorer;

  /** @param disorderSeconds how long flows wait to be put in order of their ends; by default the meter's own */
  constructor(settings: MeteringSettings, scorer: CoreScorer, arp: ArpSink, disorderSeconds?: number) {
    const disorder = disorderSeconds === undefined ? {} : { disorderSeconds };
    this.#core = new FlowCoreMeter({ ...settings, ...disorder }, scorer);
    this.meter = new FlowMeter(corePacketOptions(settings), this.#core, arp);
    this.#scorer = scorer;
  }

  /** Takes a flow of a sensor. */
  add(flow: CoreFlow): void {
    this.#core.add(coreFlowOfSensor(flow));
  }

  /** Lets traffic time pass without a packet, up to milliseconds since the Unix epoch, and scores what waits. */
  passTime(milliseconds: number): void {
    const seconds = Math.floor(milliseconds / 1000);
    this.meter.advanceTo(seconds, (milliseconds - seconds * 1000) * 1_000_000);
    this.#core.advanceTo(seconds);
    this.#scorer.flush();
  }

  /** Traffic time of the latest row in whole seconds since the Unix epoch; undefined before the first. */
  get seconds(): number | undefined {
    const { lastSeconds } = this.#core.statistics();
    return lastSeconds === null ? undefined : Math.floor(lastSeconds);
  }

  /** No flow is expected soon: scores all that waits. */
  flush(): void {
    this.#core.finish();
    this.#scorer.flush();
  }

  /** The stream has ended: what is still open is scored too, and everything counted. */
  end(summary: DetectSummary): void {
    this.meter.finish();
    this.#core.finish();
    this.stop(summary);
  }

  /** The stream was given up: what is still open is not looked at. */
  stop(summary: DetectSummary): void {
    this.#scorer.flush();
    const packets = this.meter.statistics();
    if (packets.packets > 0) addMetering(summary, packets);
    addCoreMetering(summary, this.#core.statistics(), packets.packets === 0);
  }
}
