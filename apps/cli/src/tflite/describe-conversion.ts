import type { ConversionVerification } from '@edgeguard/tflite/inspect';
import { textTable } from '../inspect/text-table.ts';
import type { ConversionReport } from './convert-model.ts';

/** Layers of which the cost is printed; JSON has all. */
const DEAREST = 10;

/** A conversion as text for people. */
export function conversionInWords({
  file,
  precision,
  bytes,
  float32Bytes,
  int8,
  verification,
}: ConversionReport): string {
  const size = precision === 'float32' ? '' : `, ${percent(bytes / float32Bytes)} of float32`;
  const parts = [`${file}: ${precision}, ${bytes} bytes${size}`];
  if (int8) {
    const saturated = Object.values(int8.saturatedBias).reduce((sum, count) => sum + count, 0);
    parts.push(
      `int8: ${int8.quantized.length} operators, ${int8.float.length} stay float; ${saturated} bias values saturate`,
    );
  }
  if (verification) parts.push(...verified(verification));
  return `${parts.join('\n\n')}\n`;
}

function verified({ outputs, layers, layerCosts, missing, rows }: ConversionVerification): string[] {
  const groups = Object.entries(rows).map(([name, count]) => `${name} (${count})`);
  const parts = [
    `verified against the reference engine on rows: ${groups.join(', ')}`,
    textTable(
      ['computed by', 'rows', 'output', 'relative', 'limit', 'values that differ'],
      outputs.map((each) => [
        each.of === 'model' ? each.by : `${each.by} (float32 form)`,
        each.rows,
        each.output,
        each.relative.toExponential(1),
        Number(each.limit.toPrecision(2)),
        percent(each.share),
      ]),
    ),
    ...Object.entries(missing).map(([name, why]) => `${name} did not compute: ${why}`),
  ];
  if (layers.length > 0) {
    const lines = layers.map(({ tensor, relative, largest }) => [tensor, percent(relative), largest.toPrecision(3)]);
    parts.push('error of each tensor in all:', textTable(['tensor', 'relative', 'largest'], lines));
  }
  if (layerCosts.length > 0) {
    const lines = layerCosts
      .slice(0, DEAREST)
      .map(({ layer, outputs: errors }) => [layer, percent(Math.max(...errors.map(({ relative }) => relative)))]);
    parts.push(
      'error at the outputs when one layer alone is int8, the dearest first:',
      textTable(['layer', 'relative'], lines),
    );
  }
  return parts;
}

function percent(share: number): string {
  return `${Number((100 * share).toPrecision(3))} %`;
}
