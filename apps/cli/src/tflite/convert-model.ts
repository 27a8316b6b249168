import { assertReplaceable, formatJson, UsageError, UserError, writeAtomically } from '@edgeguard/contracts';
import { openLineOutput, STANDARD_OUTPUT } from '@edgeguard/runtime/output';
import { verifyConversion, type ConversionVerification } from '@edgeguard/tflite/inspect';
import { type Conversion, convertLayersModel, convertWithReport, readLayersModel } from '@edgeguard/tflite/layers';
import { writeModel } from '@edgeguard/tflite/model';
import type { RangeMethod } from '@edgeguard/tflite/quantize';
import type { ConvertOptions } from '../commands/tflite.ts';
import { conversionInWords } from './describe-conversion.ts';
import { namingFile } from './model-file.ts';
import { readRows } from './read-rows.ts';
import { splitRows } from './split-rows.ts';
import { tensorFlowOracle } from './tensorflow-oracle.ts';

/** What a conversion chose and cost; plain data that goes into JSON as it is. */
export interface ConversionReport {
  readonly file: string;
  readonly precision: Conversion['precision'];
  readonly bytes: number;
  readonly float32Bytes: number;
  /** For int8: the range of every tensor with the values that it clips, what computes in int8, saturated biases. */
  readonly int8?: {
    readonly ranges: Readonly<Record<string, object>>;
    readonly quantized: readonly string[];
    readonly float: readonly string[];
    readonly saturatedBias: Readonly<Record<string, number>>;
  };
  readonly verification?: ConversionVerification;
}

/** Share of the values that the method `percentile` leaves out on each side. */
const PERCENTILE_SHARE = 1e-4;

/** `edgeguard tflite convert`. Nothing is written where the verification fails. */
export async function convertModel(path: string, options: ConvertOptions): Promise<void> {
  const output = usableOutput(options);
  assertReplaceable(output);
  const rows = options.representative === undefined ? undefined : await readRows(options.representative);
  const { bytes, report } = await namingFile(path, async () => {
    const source = await readLayersModel(path);
    const representative = rows === undefined ? undefined : splitRows(options.representative!, rows, source.inputs);
    const float = convertLayersModel(source);
    const conversion = convertWithReport(source, {
      precision: options.precision,
      ...(options.precision === 'int8' && representative ? { representative } : {}),
      ...(options.ranges ? { ranges: methodOf(options.ranges) } : {}),
      ...(options.keepFloat ? { keepFloat: options.keepFloat } : {}),
    });
    const { model, precision, ranges } = conversion;
    const verification = options.verify
      ? await verifyConversion({
          float,
          model,
          precision,
          source: tensorFlowOracle(path),
          ...(ranges ? { ranges } : {}),
          ...(representative ? { representative } : {}),
        })
      : undefined;
    const written = writeModel(model);
    return { bytes: written, report: reportOf(output, written, writeModel(float), conversion, verification) };
  });
  const [failure, ...more] = report.verification?.failures ?? [];
  if (failure !== undefined) {
    const others = more.length === 0 ? '' : ` (and ${more.length} more)`;
    throw new UserError(path, `the conversion is not verified: ${failure}${others}`, 'convert to another precision');
  }
  await writeAtomically(output, bytes);
  const text = options.json ? formatJson(report) : conversionInWords(report);
  await openLineOutput(STANDARD_OUTPUT).write(text);
}

/** The file to write, if the options make sense together. */
function usableOutput({ output, precision, representative, verify, ranges, keepFloat }: ConvertOptions): string {
  if (output === undefined) throw new UsageError('name the .tflite file to write');
  if (precision === 'int8' && representative === undefined) {
    throw new UsageError('--precision int8 needs --representative rows');
  }
  if (precision !== 'int8' && (ranges !== undefined || keepFloat !== undefined)) {
    throw new UsageError('--ranges and --keep-float are for --precision int8');
  }
  if (precision !== 'int8' && representative !== undefined && !verify) {
    throw new UsageError('--representative is for --precision int8 and for --verify');
  }
  return output;
}

function methodOf(kind: NonNullable<ConvertOptions['ranges']>): RangeMethod {
  return kind === 'percentile' ? { kind, share: PERCENTILE_SHARE } : { kind };
}

function reportOf(
  file: string,
  bytes: Uint8Array,
  float32: Uint8Array,
  { precision, ranges, int8 }: Conversion,
  verification: ConversionVerification | undefined,
): ConversionReport {
  return {
    file,
    precision,
    bytes: bytes.length,
    float32Bytes: float32.length,
    ...(ranges && int8 ? { int8: { ranges: Object.fromEntries(ranges), ...int8 } } : {}),
    ...(verification ? { verification } : {}),
  };
}
