import type { FlowLogSourceConfig, MeteringSettings } from '@edgeguard/contracts';
import type { ColumnBatch } from '@edgeguard/contracts/arrow';
import { coreFlowOfSensor, FlowCoreMeter } from '@edgeguard/metering';
import type { CoreFlow } from '@edgeguard/sources';
import type { CollectionCounts } from '../metering/collection-counts.ts';
import { CoreRecords } from '../metering/core-records.ts';

/** The flows of one log, or of several that follow one another, on their way to rows. */
export class FlowLogStream {
  /** Name of the log that flows from now on come from. */
  file: string;
  readonly #labels: FlowLogSourceConfig['labels'];
  readonly #records: CoreRecords;
  readonly #meter: FlowCoreMeter;

  constructor(settings: MeteringSettings, source: FlowLogSourceConfig, file: string) {
    this.file = file;
    this.#labels = source.labels;
    this.#records = new CoreRecords(source.assume);
    this.#meter = new FlowCoreMeter(settings, this.#records);
  }

  add(flow: CoreFlow): void {
    const core = coreFlowOfSensor(flow);
    core.origin = this.file;
    if (this.#labels === 'none') {
      core.label = undefined;
      core.attack = '';
    }
    this.#meter.add(core);
  }

  /** Hands over the rows so far. To be called often: rows wait in memory until then. */
  take(): ColumnBatch[] {
    return this.#records.take();
  }

  /** The log has ended: flows that wait become rows, and everything is counted. */
  finish(counts: CollectionCounts): void {
    this.#meter.finish();
    const statistics = this.#meter.statistics();
    counts.flows += statistics.flows;
    counts.addCore(this.file, statistics);
  }
}
