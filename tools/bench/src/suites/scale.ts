import { spawnSync } from 'node:child_process';
import { mkdir, mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { CONFIG_FILE, type DatasetSchema, formatJson, sha256OfFile } from '@edgeguard/contracts';
import { DatasetReader, DatasetWriter, ROWS_PER_BATCH } from '@edgeguard/contracts/arrow';
import { fitTransform, SeededRandom } from '@edgeguard/transform';
import { printTable } from '../harness/table.ts';

const WIDTH = 54;
const ROWS = 10_000_000;
const VALIDATION_ROWS = 500_000;
const WORKER = fileURLToPath(new URL('../workers/train-stage.js', import.meta.url));

const SCHEMA: DatasetSchema = {
  name: 'scale',
  version: 1,
  columns: Array.from({ length: WIDTH }, (_, i) => ({
    name: `feature_${i + 1}`,
    role: 'feature',
    type: 'float32',
    kind: 'ratio',
    unit: '1',
  })),
};

/** The largest resident set of the stage `train`, start to end, with more rows than memory is meant to hold. */
export async function benchScale(): Promise<void> {
  const scratch = await mkdtemp(join(tmpdir(), 'edgeguard-scale-'));
  try {
    const [pipeline, artifacts] = [join(scratch, 'pipeline'), join(scratch, 'artifacts')];
    const train = join(artifacts, 'preprocess', 'train.arrow');
    await mkdir(join(artifacts, 'preprocess'), { recursive: true });
    await mkdir(pipeline);
    await writeRows(train, ROWS, 1);
    await writeRows(join(artifacts, 'preprocess', 'validation.arrow'), VALIDATION_ROWS, 2);
    const reader = await DatasetReader.open(train);
    const transform = await fitTransform({
      schema: SCHEMA,
      rows: reader.batches(),
      config: { clipSigma: 5, deviationFloor: 0.05 },
      splits: { train: await sha256OfFile(train) },
    });
    await reader.close();
    await writeFile(join(artifacts, 'preprocess', 'transform.json'), formatJson(transform));
    const config = { collect: { source: { kind: 'synthetic', durationSeconds: 60 } }, train: { epochs: 1 } };
    await writeFile(join(scratch, 'nx.json'), '{}');
    await writeFile(join(pipeline, CONFIG_FILE), JSON.stringify(config));
    const { status, stdout, stderr } = spawnSync(process.execPath, [WORKER, pipeline, artifacts], { encoding: 'utf8' });
    if (status !== 0) throw new Error(`the stage ended with ${status}: ${stderr.slice(-800)}`);
    const { cpuSeconds, peakBytes } = JSON.parse(stdout) as { cpuSeconds: number; peakBytes: number };
    printTable(
      `scale: the stage train, ${WIDTH} features, default network, 1 epoch`,
      ['', 'rows', 'train.arrow', 'CPU s', 'peak resident'],
      [
        [
          'EdgeGuard',
          ROWS.toLocaleString('en'),
          megabytes((await stat(train)).size),
          cpuSeconds.toFixed(0),
          megabytes(peakBytes),
        ],
      ],
    );
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

function megabytes(bytes: number): string {
  return `${Math.round(bytes / 1e6).toLocaleString('en')} MB`;
}

/** Rows of three hidden quantities and some noise, written batch by batch. */
async function writeRows(path: string, rows: number, seed: number): Promise<void> {
  const random = new SeededRandom(seed);
  const writer = new DatasetWriter(path, SCHEMA);
  const columns = Object.fromEntries(SCHEMA.columns.map(({ name }) => [name, new Float32Array(ROWS_PER_BATCH)]));
  const values = Object.values(columns);
  for (let first = 0; first < rows; first += ROWS_PER_BATCH) {
    const length = Math.min(ROWS_PER_BATCH, rows - first);
    for (let row = 0; row < length; row++) {
      const [a, b, c] = [random.uniform(), random.uniform(), random.uniform()];
      for (let i = 0; i < WIDTH; i++)
        values[i]![row] = a * (i % 3) + b * (i % 5) + c * (i % 7) + 0.1 * random.uniform();
    }
    await writer.write({ length, columns });
  }
  await writer.close();
}
