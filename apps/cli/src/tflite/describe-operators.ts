import type { OperatorSummary, TensorSummary } from '@edgeguard/tflite/inspect';
import { textTable } from '../inspect/text-table.ts';

/** `float32[?,54]`, for int8 with its scale; an open dimension is a question mark. */
export function describeTensor({ type, shape, scale, zeroPoint, channels }: TensorSummary): string {
  const dimensions = shape.map((size) => (size === -1 ? '?' : String(size))).join(',');
  if (channels !== undefined) return `${type}[${dimensions}] scales for ${channels} channels`;
  if (scale === undefined) return `${type}[${dimensions}]`;
  return `${type}[${dimensions}] scale ${Number(scale.toPrecision(4))} zero ${zeroPoint}`;
}

/** Operators in the order in which they are computed. */
export function operatorTable(operators: readonly OperatorSummary[]): string {
  const rows = operators.map(({ index, op, version, output, constantBytes, multiplications, inputs }) => [
    index,
    op,
    version,
    output.name,
    describeTensor(output),
    constantBytes,
    multiplications,
    inputs.join(' '),
  ]);
  const header = [
    '#',
    'operator',
    'version',
    'output',
    'type and shape',
    'constant bytes',
    'multiplications',
    'inputs',
  ];
  return textTable(header, rows);
}
