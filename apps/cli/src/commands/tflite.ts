import type { Command } from 'commander';
import { run } from '../run.ts';
import { choice, batchSizes } from './options.ts';

export interface ConvertOptions {
  /** The `.tflite` file to write; missing where none was named. */
  readonly output?: string;
  readonly precision: 'float32' | 'float16' | 'dynamic' | 'int8';
  readonly representative?: string;
  readonly ranges?: 'min-max' | 'percentile' | 'mse';
  readonly keepFloat?: readonly string[];
  readonly verify?: true;
  readonly json?: true;
}

export interface RunModelOptions {
  readonly engine: 'auto' | 'native' | 'wasm' | 'reference';
  readonly compare?: true;
  readonly json?: true;
}

export interface BenchOptions {
  readonly engine: 'all' | 'native' | 'wasm' | 'reference';
  readonly batch: readonly number[];
  readonly rows?: string;
  readonly json?: true;
}

const ROWS = `Rows are CSV: numbers, one row a line, with or without a header; - is standard input. A file named .arrow or
.feather is an Arrow IPC file, uncompressed, with columns of numbers.`;

export function addTfliteCommands(program: Command): void {
  const tflite = program.command('tflite').description('TensorFlow Lite models of any kind: look, check, convert, run');
  tflite
    .command('inspect')
    .description('inputs, outputs, operators and sizes of a model')
    .argument('<model>', 'a .tflite file')
    .option('--json', 'print one JSON document')
    .action(async (model: string, options: { json?: true }) => {
      await run(async () => {
        const { inspectModel } = await import('../tflite/inspect-model.ts');
        await inspectModel(model, options.json === true);
      });
    });
  tflite
    .command('validate')
    .description('check a model: structure, shapes, types. Exit code 1 where something is wrong')
    .argument('<model>', 'a .tflite file')
    .option('--json', 'print one JSON document')
    .action(async (model: string, options: { json?: true }) => {
      await run(async () => {
        const { validateFile } = await import('../tflite/inspect-model.ts');
        await validateFile(model, options.json === true);
      });
    });
  tflite
    .command('convert')
    .description('a TensorFlow.js LayersModel to .tflite')
    .argument('<model>', 'a model.json, or its folder')
    .argument('[output]', 'the .tflite file to write')
    .option('-o, --output <file>', 'the same as an option')
    .addOption(
      choice('--precision <precision>', 'how numbers are stored and computed', [
        'float32',
        'float16',
        'dynamic',
        'int8',
      ]).default('float32'),
    )
    .option(
      '--representative <rows>',
      'rows as the model will see them, for the ranges of int8 and for --verify; never test rows',
    )
    .addOption(
      choice(
        '--ranges <method>',
        'how int8 chooses ranges: all values, all but 1 in 10,000 on each side, least squared error (default: min-max)',
        ['min-max', 'percentile', 'mse'],
      ),
    )
    .option('--keep-float <layers...>', 'layers that stay float in int8')
    .option('--verify', 'compare with TensorFlow.js and between engines first; write nothing where they differ')
    .option('--json', 'print one JSON document: ranges, layers, verification')
    .addHelpText(
      'after',
      `
--verify computes the rows, and adversarial ones (zeros, the smallest numbers, large ones, ten times beyond the rows), in
TensorFlow.js, native, wasm and the reference engine, and says what the precision costs, layer by layer. Of a model with several
inputs, the representative rows hold the columns of the first, then those of the second, and so on.

${ROWS}`,
    )
    .action(async (model: string, output: string | undefined, options: ConvertOptions) => {
      await run(async () => {
        const { convertModel } = await import('../tflite/convert-model.ts');
        await convertModel(model, { ...options, ...(output === undefined ? {} : { output }) });
      });
    });
  tflite
    .command('run')
    .description('compute rows with a model of one input; outputs as CSV')
    .argument('<model>', 'a .tflite file')
    .argument('<rows>', 'a CSV file, or - for standard input')
    .addOption(choice('--engine <engine>', 'what computes', ['auto', 'native', 'wasm', 'reference']).default('auto'))
    .option('--compare', 'print instead how far native and wasm are from the reference engine')
    .option('--json', 'print one JSON document')
    .addHelpText('after', `\n${ROWS}`)
    .action(async (model: string, rows: string, options: RunModelOptions) => {
      await run(async () => {
        const { runRows } = await import('../tflite/run-rows.ts');
        await runRows(model, rows, options);
      });
    });
  tflite
    .command('bench')
    .description('CPU time that each engine takes for a row of a model')
    .argument('<model>', 'a .tflite file')
    .addOption(choice('--engine <engine>', 'what computes', ['all', 'native', 'wasm', 'reference']).default('all'))
    .option('--batch <sizes>', 'rows computed at once, such as 1,256', batchSizes, [1, 32, 256, 1024])
    .option('--rows <rows>', 'rows to fill the inputs with (default: zeros)')
    .option('--json', 'print one JSON document')
    .addHelpText(
      'after',
      `
The median of several measurements of user and system time of all threads. An engine that does not take the model is
named with the reason. ${ROWS}`,
    )
    .action(async (model: string, options: BenchOptions) => {
      await run(async () => {
        const { benchEngines } = await import('../tflite/bench-engines.ts');
        await benchEngines(model, options);
      });
    });
}
