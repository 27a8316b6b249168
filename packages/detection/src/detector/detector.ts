import { type DetectorDocument, type FeatureColumn, UserError } from '@edgeguard/contracts';
import { type Engine, type EngineName, loadEngine } from '@edgeguard/tflite/engines';
import type { PublicKey } from '../signature/keys.ts';
import { type DetectorFile, detectorProblem, readDetectorFile } from './detector-file.ts';
import { RowRunner } from './row-runner.ts';
import { assertSameFeatures } from './same-features.ts';

/** Rows per run of the engine that scores. Fixed sizes, since resizing an engine builds its graph anew. */
const SCORE_BATCHES = [256, 32, 1] as const;
/** Rows per run of the engine that explains: alerts come one by one or in bursts. */
const EXPLAIN_BATCHES = [32, 1] as const;

const SCORE_OUTPUTS = ['score'] as const;
const EXPLAIN_OUTPUTS = ['expected', 'feature_error'] as const;

export interface DetectorOptions {
  /** Default `auto`: native, else wasm, else reference. */
  readonly engine?: 'auto' | EngineName;
  /** Gets a line that says which engine was chosen and why. */
  readonly log?: (line: string) => void;
  /** Demands a signature of this key beside the file, and verifies it before anything else looks at the file. */
  readonly signedBy?: PublicKey;
}

/** Why rows have their scores, in raw units. */
export interface Explanations {
  /** Reconstruction of each row, [rows, F]. */
  readonly expected: Float32Array;
  /** Share of the score of each feature, [rows, F]. */
  readonly featureErrors: Float32Array;
}

/** A detector that is ready to score. Not for use by several threads. */
export class Detector {
  readonly document: DetectorDocument;
  /** SHA-256 of graph and weights: the model's identity. */
  readonly modelDigest: string;
  readonly engineName: EngineName;
  /** What exactly computes, such as `TensorFlow Lite 2.9.1 with XNNPACK`. */
  readonly engineDetail: string;
  readonly #scorer: RowRunner;
  readonly #explainer: RowRunner;
  readonly #scoreResults: [Float32Array] = [new Float32Array(0)];

  constructor(file: DetectorFile, score: readonly Engine[], explain: readonly Engine[]) {
    this.document = file.document;
    this.modelDigest = file.modelDigest;
    this.engineName = score[0]!.name;
    this.engineDetail = score[0]!.detail;
    this.#scorer = new RowRunner(score);
    this.#explainer = new RowRunner(explain);
  }

  /** F: features of a row. */
  get featureCount(): number {
    return this.document.schema.features.length;
  }

  /** Rows that were not scored so far because they hold NaN or infinity. */
  get notFinite(): number {
    return this.#scorer.notFinite;
  }

  /**
   * Scores rows. A row with NaN or infinity gets NaN and is counted in {@link notFinite}.
   *
   * @param rows   raw rows [count, F], row major, in schema order; categories as codes
   * @param scores gets one score for each row
   */
  score(rows: Float32Array, count: number, scores: Float32Array): void {
    if (scores.length < count) throw new RangeError(`${count} scores need more than ${scores.length} places`);
    this.#scoreResults[0] = scores;
    this.#scorer.run(rows, count, this.#scoreResults);
  }

  /** What the model expected of rows, and how much each feature added. For rows with alerts: costs more than a score. */
  explain(rows: Float32Array, count: number): Explanations {
    const expected = new Float32Array(count * this.featureCount);
    const featureErrors = new Float32Array(count * this.featureCount);
    this.#explainer.run(rows, count, [expected, featureErrors]);
    return { expected, featureErrors };
  }

  /**
   * Refuses rows of another schema.
   *
   * @param features of the rows, in order
   * @param place    the rows' name, for the error
   * @throws UserError that names the first feature that differs
   */
  assertSchema(features: readonly FeatureColumn[], place: string): void {
    assertSameFeatures(this.document.schema, features, place);
  }

  dispose(): void {
    this.#scorer.dispose();
    this.#explainer.dispose();
  }
}

/**
 * Opens a detector: verifies its seal, checks its document, validates its model, and loads it into an engine.
 *
 * @param source path of a detector file, or its bytes
 * @throws UserError with one line for a file that is damaged, foreign or of a newer format
 */
export async function openDetector(source: string | Uint8Array, options: DetectorOptions = {}): Promise<Detector> {
  const file = await readDetectorFile(source, options.signedBy);
  const opened: Engine[] = [];
  try {
    const [largest, ...smaller] = SCORE_BATCHES;
    const first = await openEngine(file, SCORE_OUTPUTS, largest, options.engine ?? 'auto', options.log);
    opened.push(first);
    for (const batch of smaller) opened.push(await openEngine(file, SCORE_OUTPUTS, batch, first.name));
    const scoring = opened.length;
    for (const batch of EXPLAIN_BATCHES) opened.push(await openEngine(file, EXPLAIN_OUTPUTS, batch, first.name));
    assertSignature(file, opened[0]!, [1]);
    const features = file.document.schema.features.length;
    assertSignature(file, opened[scoring]!, [features, features]);
    return new Detector(file, opened.slice(0, scoring), opened.slice(scoring));
  } catch (error) {
    for (const engine of opened) engine.dispose();
    throw detectorProblem(file.place, error);
  }
}

async function openEngine(
  file: DetectorFile,
  outputs: readonly string[],
  batch: number,
  engine: 'auto' | EngineName,
  log?: (line: string) => void,
): Promise<Engine> {
  const opened = await loadEngine(file.bytes, { engine, outputs, ...(log ? { log } : {}) });
  try {
    opened.resize(batch);
  } catch (error) {
    opened.dispose();
    throw error;
  }
  return opened;
}

/** The graph has to take rows of the schema's width and give so many values per row for each output. */
function assertSignature(file: DetectorFile, engine: Engine, widths: readonly number[]): void {
  const features = file.document.schema.features.length;
  const [input] = engine.inputs;
  const fits =
    engine.inputs.length === 1 &&
    input!.type === 'float32' &&
    input!.length === engine.batch * features &&
    engine.outputs.every(({ type, length }, i) => type === 'float32' && length === engine.batch * widths[i]!);
  if (!fits) {
    throw new UserError(
      file.place,
      `its graph does not fit its schema of ${features} features`,
      'make it again with the stage convert',
    );
  }
}
