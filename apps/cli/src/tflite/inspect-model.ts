import { formatJson, printable } from '@edgeguard/contracts';
import { openLineOutput, STANDARD_OUTPUT } from '@edgeguard/runtime/output';
import { describeModel, type ModelSummary } from '@edgeguard/tflite/inspect';
import { textTable } from '../inspect/text-table.ts';
import { describeTensor, operatorTable } from './describe-operators.ts';
import { readModelFile } from './model-file.ts';

/** `edgeguard tflite inspect`. */
export async function inspectModel(path: string, json: boolean): Promise<void> {
  const summary = describeModel(await readModelFile(path));
  await openLineOutput(STANDARD_OUTPUT).write(json ? formatJson(summary) : `${inWords(summary)}\n`);
}

/** `edgeguard tflite validate`. */
export async function validateFile(path: string, json: boolean): Promise<void> {
  const { operators, inputs, outputs } = describeModel(await readModelFile(path));
  const document = { file: path, valid: true, operators: operators.length, inputs, outputs };
  await openLineOutput(STANDARD_OUTPUT).write(
    json ? formatJson(document) : `${path}: valid, ${operators.length} operators\n`,
  );
}

function inWords(summary: ModelSummary): string {
  const tensors = [
    ...summary.inputs.map((tensor) => ['input', tensor.name, describeTensor(tensor)]),
    ...summary.outputs.map((tensor) => ['output', tensor.name, describeTensor(tensor)]),
  ];
  const constants = Object.entries(summary.constantBytes).map(([type, bytes]) => `${type} ${bytes}`);
  return [
    ...(summary.description === '' ? [] : [printable(summary.description)]),
    textTable(['', 'name', 'type and shape'], tensors),
    operatorTable(summary.operators),
    `bytes of constants: ${constants.join(', ') || 'none'}; of computed tensors at the batch in the file: ${summary.computedBytes}`,
    `multiplications of a row: ${summary.multiplications}`,
  ].join('\n\n');
}
