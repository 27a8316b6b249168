import { type DatasetSchema, type FeatureColumn, LABELS } from '@edgeguard/contracts';
import type { ColumnBatch } from '@edgeguard/contracts/arrow';
import { SeededRandom } from '@edgeguard/transform';

const KINDS = ['count', 'bytes', 'seconds', 'ratio', 'flag'] as const;
const UNITS = { count: '{packet}', bytes: 'By', seconds: 's', ratio: '1', flag: '1' } as const;

/** A schema with so many numeric features of all kinds, and a category of each type in the middle and at the end. */
export function trafficSchema(numbers: number, categories = true): DatasetSchema {
  const features: FeatureColumn[] = Array.from({ length: numbers }, (_, i) => {
    const kind = KINDS[i % KINDS.length]!;
    return { name: `${kind}_${i}`, role: 'feature', type: 'float32', kind, unit: UNITS[kind] };
  });
  if (categories) {
    const protocol: FeatureColumn = {
      name: 'protocol',
      role: 'feature',
      type: 'float32',
      kind: 'category',
      unit: '1',
      categories: ['tcp', 'udp', 'icmp'],
    };
    features.splice(Math.floor(numbers / 2), 0, protocol);
    features.push({ name: 'service', role: 'feature', type: 'utf8', kind: 'category', unit: '1' });
  }
  return {
    name: 'traffic',
    version: 1,
    columns: [
      ...features,
      { name: 'label', role: 'label', type: 'utf8' },
      { name: 'time', role: 'time', type: 'timestamp' },
      { name: 'source', role: 'identity', type: 'utf8' },
      { name: 'target', role: 'identity', type: 'utf8' },
    ],
  };
}

/** A row every 20 s, between some sources and targets in turn. */
const NANOSECONDS_BETWEEN = 20_000_000_000n;
const BEGAN = 1_700_000_000_000_000_000n;

const SERVICES = ['http', 'dns', 'ssh', 'ntp'];

/** Rows whose features depend on three hidden causes, as those of traffic do. */
export function trafficRows(schema: DatasetSchema, rows: number, seed: number): ColumnBatch {
  const random = new SeededRandom(seed);
  const normal = (): number =>
    Math.sqrt(-2 * Math.log(1 - random.uniform())) * Math.cos(2 * Math.PI * random.uniform());
  const columns: Record<string, Float32Array | BigInt64Array | string[]> = {
    time: BigInt64Array.from({ length: rows }, (_, row) => BEGAN + BigInt(row) * NANOSECONDS_BETWEEN),
    source: Array.from({ length: rows }, (_, row) => `host-${row % 30}`),
    target: Array.from({ length: rows }, (_, row) => `server-${row % 7}`),
  };
  const drawn = schema.columns.filter(({ role }) => role === 'feature' || role === 'label');
  for (const column of drawn) {
    columns[column.name] = column.type === 'utf8' ? Array.from<string>({ length: rows }) : new Float32Array(rows);
  }
  for (let row = 0; row < rows; row++) {
    const causes = [normal(), normal(), random.below(3)] as const;
    for (const [index, column] of drawn.entries()) {
      columns[column.name]![row] = valueOf(column as FeatureColumn, index, causes, normal(), random) as never;
    }
  }
  return { length: rows, columns };
}

function valueOf(
  column: FeatureColumn,
  index: number,
  causes: readonly [number, number, number],
  noise: number,
  random: SeededRandom,
): number | string {
  if (column.name === 'label') return LABELS[0];
  const level = causes[0] * Math.cos(index) + causes[1] * Math.sin(index * 1.7) + 0.3 * noise;
  switch (column.kind) {
    case 'count':
      return Math.round(Math.exp(2 + level));
    case 'bytes':
      return Math.round(Math.exp(6 + 1.5 * level));
    case 'seconds':
      return Math.exp(-2 + level);
    case 'ratio':
      return 1 / (1 + Math.exp(-level));
    case 'flag':
      return level > 0.5 ? 1 : 0;
    case 'category':
      if (column.type === 'utf8') return SERVICES[(causes[2] + (random.uniform() < 0.1 ? 1 : 0)) % 4]!;
      return causes[2] + 1;
  }
}
