import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { type TrainConfig, PipelineConfigSchema } from '@edgeguard/contracts';
import { RowStoreBuilder, trainAutoencoder } from '@edgeguard/training';
import { SeededRandom } from '@edgeguard/transform';
import { cpuSecondsOfAsync } from '../harness/cpu-time.ts';
import { median } from '../harness/median.ts';
import { printTable } from '../harness/table.ts';
import { fitWithTensorFlow } from '../peers/tensorflow-fit.ts';

const WIDTH = 54;
const ROWS = 32_768;
const VALIDATION_ROWS = 256;
const EPOCHS = 4;
const RUNS = 3;
const HIDDEN = [64, 32, 16, 32, 64];
const BATCH_SIZES = [256, 4096];
const PYTHON_PEER = fileURLToPath(new URL('../../peers/mlp_regressor.py', import.meta.url));

/** Training speed at equal network, batch and epochs; CPU time of the training loop alone, without start and loading. */
export async function benchTraining(): Promise<void> {
  const values = correlatedRows(ROWS, WIDTH);
  const rows: string[][] = [];
  const absent = new Set<string>();
  for (const batchSize of BATCH_SIZES) {
    const ours: number[] = [];
    const tensorflow: number[] = [];
    const sklearn: number[] = [];
    for (let run = 0; run < RUNS; run++) {
      ours.push(await trainOurs(values, batchSize));
      tensorflow.push(await fitWithTensorFlow({ values, width: WIDTH, hidden: HIDDEN, batchSize, epochs: EPOCHS }));
      const seconds = fitWithSklearn(batchSize);
      if (seconds === undefined) absent.add('scikit-learn (python3-sklearn)');
      else sklearn.push(seconds);
    }
    const base = median(ours);
    const line = (name: string, seconds: readonly number[]): string[] => {
      const cpu = median(seconds);
      return [
        `${name}, batch ${batchSize}`,
        cpu.toFixed(2),
        Math.round((ROWS * EPOCHS) / cpu).toLocaleString('en'),
        `${(cpu / base).toFixed(2)}x`,
      ];
    };
    rows.push(line('EdgeGuard, denoising on', ours), line('TensorFlow.js model.fit on wasm', tensorflow));
    if (sklearn.length > 0) rows.push(line('scikit-learn MLPRegressor, float32, one thread', sklearn));
  }
  printTable(
    `training: ${[WIDTH, ...HIDDEN, WIDTH].join('-')}, ${ROWS} rows, ${EPOCHS} epochs, median of ${RUNS}`,
    ['', 'CPU s', 'rows/CPU s', "EdgeGuard's speed / this"],
    rows,
  );
  for (const name of absent) process.stdout.write(`not installed, left out: ${name}\n`);
}

async function trainOurs(values: Float32Array, batchSize: number): Promise<number> {
  const train = new RowStoreBuilder(WIDTH, '');
  await train.append(values);
  const validation = new RowStoreBuilder(WIDTH, '');
  await validation.append(values.slice(0, VALIDATION_ROWS * WIDTH));
  const config = trainConfig(batchSize);
  return cpuSecondsOfAsync(async () => {
    const signal = new AbortController().signal;
    await trainAutoencoder({ train: train.finish(), validation: validation.finish(), config, seed: 1, signal });
  });
}

function trainConfig(batchSize: number): TrainConfig {
  const { train } = PipelineConfigSchema.parse({
    collect: { source: { kind: 'captures', paths: ['none'] } },
    train: { network: { hidden: HIDDEN }, epochs: EPOCHS, batchSize, patience: EPOCHS },
  });
  return train;
}

/** CPU seconds of the peer's fit, or undefined where it is not installed. */
function fitWithSklearn(batchSize: number): number | undefined {
  const { status, stdout } = spawnSync(
    '/usr/bin/python3',
    [PYTHON_PEER, String(ROWS), String(WIDTH), String(batchSize), String(EPOCHS), HIDDEN.join(',')],
    {
      encoding: 'utf8',
      env: { ...process.env, OMP_NUM_THREADS: '1', OPENBLAS_NUM_THREADS: '1', MKL_NUM_THREADS: '1' },
    },
  );
  return status === 0 ? Number(stdout) : undefined;
}

/** Rows with structure to learn: normal noise mixed down from fewer factors. Row-major [rows, width]. */
function correlatedRows(rows: number, width: number): Float32Array {
  const random = new SeededRandom(7);
  const factors = 12;
  const mixing = Float32Array.from({ length: factors * width }, () => random.uniform() * 2 - 1);
  const values = new Float32Array(rows * width);
  const factor = new Float32Array(factors);
  for (let row = 0; row < rows; row++) {
    for (let k = 0; k < factors; k++) factor[k] = random.uniform() * 2 - 1;
    for (let column = 0; column < width; column++) {
      let sum = 0.1 * (random.uniform() * 2 - 1);
      for (let k = 0; k < factors; k++) sum += factor[k]! * mixing[k * width + column]!;
      values[row * width + column] = sum;
    }
  }
  return values;
}
