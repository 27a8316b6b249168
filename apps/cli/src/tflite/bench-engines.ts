import { TfliteError } from '@edgeguard/tflite';
import type { EngineName } from '@edgeguard/tflite/engines';
import { measureEngine } from '@edgeguard/tflite/inspect';
import { openLineOutput, STANDARD_OUTPUT } from '@edgeguard/runtime/output';
import type { BenchOptions } from '../commands/tflite.ts';
import { textTable } from '../inspect/text-table.ts';
import { readModelFile } from './model-file.ts';
import { readRows } from './read-rows.ts';

const ENGINES: readonly EngineName[] = ['native', 'wasm', 'reference'];

/** What an engine costs, or why it does not compute the model. */
interface EngineResult {
  readonly engine: EngineName;
  readonly microsecondsPerRow?: Readonly<Record<string, number>>;
  readonly missing?: string;
}

/** `edgeguard tflite bench`: CPU time per row by engine and batch size. Rows change the time hardly ever: by default zeros. */
export async function benchEngines(path: string, options: BenchOptions): Promise<void> {
  const model = await readModelFile(path);
  const rows = options.rows === undefined ? new Float32Array(1) : (await readRows(options.rows)).values;
  const results: EngineResult[] = [];
  for (const engine of options.engine === 'all' ? ENGINES : [options.engine]) {
    try {
      const costs = await measureEngine(model, engine, options.batch, rows);
      const microsecondsPerRow = Object.fromEntries(options.batch.map((batch, i) => [batch, rounded(costs[i]!)]));
      results.push({ engine, microsecondsPerRow });
    } catch (error) {
      if (!(error instanceof TfliteError)) throw error;
      results.push({ engine, missing: error.message });
    }
  }
  await openLineOutput(STANDARD_OUTPUT).write(options.json ? jsonOf(path, results) : tableOf(options.batch, results));
}

function jsonOf(model: string, engines: readonly EngineResult[]): string {
  return `${JSON.stringify({ model, unit: 'us of CPU time per row', engines })}\n`;
}

function tableOf(batches: readonly number[], results: readonly EngineResult[]): string {
  const header = ['us of CPU per row, batch', ...batches.map(String)];
  const measured = results.flatMap(({ engine, microsecondsPerRow }) =>
    microsecondsPerRow ? [[engine, ...batches.map((batch) => microsecondsPerRow[batch]!)]] : [],
  );
  const missing = results.flatMap(({ engine, missing: why }) => (why === undefined ? [] : [`${engine}: ${why}\n`]));
  return `${measured.length > 0 ? `${textTable(header, measured)}\n` : ''}${missing.join('')}`;
}

function rounded(value: number): number {
  return Number(value.toPrecision(3));
}
