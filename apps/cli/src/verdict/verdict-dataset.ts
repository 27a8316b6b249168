import { basename } from 'node:path';
import { type Column, type DatasetSchema, UserError } from '@edgeguard/contracts';
import { type ColumnBatch, type ColumnValues, type DatasetBatch, DatasetReader } from '@edgeguard/contracts/arrow';
import { readVerdicts, type Verdict } from '@edgeguard/detection';
import { isoNanoseconds } from '../alerts/iso-nanoseconds.ts';
import { ArrowWriter } from '../flow-output/arrow-writer.ts';

/** Schema metadata that a writer sets itself. */
const OWN_METADATA: ReadonlySet<string> = new Set(['edgeguard.schema', 'edgeguard.schemaVersion']);
const LABEL_COLUMNS: readonly Column[] = [
  { name: 'label', role: 'label', type: 'utf8' },
  { name: 'attack', role: 'label', type: 'utf8' },
];
const FLOW_COLUMNS = ['src_ip', 'dst_ip', 'src_port', 'dst_port', 'protocol', 'start'] as const;

/**
 * `edgeguard verdict dataset`: the rows of a dataset that verdicts are about, false positives and expected ones labelled
 * normal, true positives attacks. The file says that its rows were chosen by verdicts (`edgeguard.origin`), which splits of
 * it carry on and calibration refuses.
 */
export async function verdictDataset(path: string, rowsPath: string, output: string): Promise<void> {
  const verdicts = await readVerdicts(path);
  const reader = await DatasetReader.open(rowsPath);
  try {
    const choose = chooser(verdicts, reader.schema, basename(rowsPath));
    if (!choose) {
      throw new UserError(
        rowsPath,
        `it lacks columns that tell flows apart (${FLOW_COLUMNS.join(', ')}), and no verdict is about its rows`,
        'give the dataset that the alerts are about',
      );
    }
    const schema = withLabels(reader.schema);
    const metadata = Object.fromEntries([...reader.metadata].filter(([key]) => !OWN_METADATA.has(key)));
    const writer = await ArrowWriter.open(schema, output, { ...metadata, 'edgeguard.origin': 'verdict' });
    let rows = 0;
    try {
      let first = 1;
      for await (const batch of reader.batches()) {
        const chosen = choose(batch, first);
        rows += chosen.length;
        first += batch.length;
        if (chosen.length > 0) await writer.write(pick(batch, schema, chosen));
      }
      if (rows === 0)
        throw new UserError(rowsPath, 'no verdict is about a row of it', 'give the dataset that the alerts are about');
      await writer.close();
    } catch (error) {
      await writer.abort();
      throw error;
    }
    process.stdout.write(`rows: ${rows}, of ${verdicts.length} verdicts\n`);
  } finally {
    await reader.close();
  }
}

interface Chosen {
  readonly row: number;
  readonly verdict: Verdict;
}

type Choose = (batch: DatasetBatch, first: number) => Chosen[];

/** Finds rows by their number in the table, or flows by both ends, protocol and start; undefined where it can do neither. */
function chooser(verdicts: readonly Verdict[], schema: DatasetSchema, table: string): Choose | undefined {
  const byNumber = new Map<number, Verdict>();
  const byFlow = new Map<string, Verdict>();
  for (const verdict of verdicts) {
    const { row, source, destination, protocol, start } = verdict;
    if (row?.table === table) byNumber.set(row.number, verdict);
    if (source && destination && protocol !== undefined) {
      const ends = [source.address, destination.address, source.port ?? 0, destination.port ?? 0];
      // Alerts have microseconds.
      byFlow.set([...ends, protocol, isoNanoseconds(start) / 1000n].join('|'), verdict);
    }
  }
  const hasFlows = FLOW_COLUMNS.every((name) => schema.columns.some((column) => column.name === name));
  if (byNumber.size === 0 && !hasFlows) return undefined;
  return (batch, first) => {
    const flowOf = hasFlows ? flowKeys(batch) : undefined;
    const chosen: Chosen[] = [];
    for (let row = 0; row < batch.length; row++) {
      const verdict = byNumber.get(first + row) ?? (flowOf && byFlow.get(flowOf(row)));
      if (verdict) chosen.push({ row, verdict });
    }
    return chosen;
  };
}

function flowKeys(batch: DatasetBatch): (row: number) => string {
  const [sources, targets] = [batch.strings('src_ip'), batch.strings('dst_ip')];
  const [from, to, protocol] = [batch.numbers('src_port'), batch.numbers('dst_port'), batch.numbers('protocol')];
  const start = batch.bigints('start');
  const ICMP = new Set([1, 58]);
  return (row) => {
    // The ports of ICMP are its type and code, which alerts do not show as ports.
    const ports = ICMP.has(protocol[row]!) ? [0, 0] : [from[row], to[row]];
    return [sources[row], targets[row], ...ports, protocol[row], start[row]! / 1000n].join('|');
  };
}

function withLabels(schema: DatasetSchema): DatasetSchema {
  const missing = LABEL_COLUMNS.filter(({ name }) => !schema.columns.some((column) => column.name === name));
  return { ...schema, columns: [...schema.columns, ...missing] };
}

function pick(batch: DatasetBatch, schema: DatasetSchema, chosen: readonly Chosen[]): ColumnBatch {
  const columns = schema.columns.map(({ name, type }): [string, ColumnValues] => {
    if (name === 'label') return [name, chosen.map(({ verdict }) => (isAttack(verdict) ? 'attack' : 'normal'))];
    if (name === 'attack') return [name, chosen.map(({ verdict }) => (isAttack(verdict) ? verdict.finding : ''))];
    const rows = chosen.map(({ row }) => row);
    if (type === 'utf8') {
      const values = batch.strings(name);
      return [name, rows.map((row) => values[row]!)];
    }
    if (type === 'int64' || type === 'timestamp') {
      const values = batch.bigints(name);
      return [name, BigInt64Array.from(rows, (row) => values[row]!)];
    }
    const values = batch.numbers(name);
    return [name, Float64Array.from(rows, (row) => values[row]!)];
  });
  return { length: chosen.length, columns: Object.fromEntries(columns) };
}

function isAttack({ verdict }: Verdict): boolean {
  return verdict === 'true-positive';
}
