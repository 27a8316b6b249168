import type { Engine } from '@edgeguard/tflite/engines';

/**
 * Runs rows of any number through an engine of fixed batch sizes. Rows with NaN or infinity never reach the engine (the
 * native one would turn them into ordinary scores): their results are NaN. Allocates nothing per row.
 */
export class RowRunner {
  /** Rows left out so far because they hold NaN or infinity. */
  notFinite = 0;
  readonly #batches: readonly FixedBatch[];
  readonly #width: number;

  /**
   * @param engines one engine for each batch size, already resized, the largest batch first; all of the same model with
   *                one float32 input [batch, width] and float32 outputs
   */
  constructor(engines: readonly Engine[]) {
    this.#batches = engines.map((engine) => new FixedBatch(engine));
    this.#width = this.#batches[0]!.width;
  }

  /** Values per row of each output. */
  get outputWidths(): readonly number[] {
    return this.#batches[0]!.outputWidths;
  }

  /**
   * @param rows    raw rows [count, width], row major
   * @param results for each output of the engine an array with room for count times its width
   */
  run(rows: Float32Array, count: number, results: readonly Float32Array[]): void {
    if (rows.length < count * this.#width) throw new RangeError(`${count} rows need ${count * this.#width} values`);
    let next = 0;
    while (next < count) {
      const batch = this.#choose(count - next);
      next = this.#fill(batch, rows, next, count, results);
      batch.run(results);
    }
  }

  dispose(): void {
    for (const batch of this.#batches) batch.engine.dispose();
  }

  /** A padded batch is cheaper than several smaller ones from a quarter full on. */
  #choose(remaining: number): FixedBatch {
    return this.#batches.find(({ size }) => remaining >= size / 4) ?? this.#batches.at(-1)!;
  }

  /** Copies finite rows into a batch until it is full; returns the row to go on with. */
  #fill(batch: FixedBatch, rows: Float32Array, first: number, count: number, results: readonly Float32Array[]): number {
    const { input, rowOf, size } = batch;
    const width = this.#width;
    let row = first;
    let filled = 0;
    for (; row < count && filled < size; row++) {
      let check = 0;
      const from = row * width;
      const to = filled * width;
      for (let i = 0; i < width; i++) {
        const value = rows[from + i]!;
        input[to + i] = value;
        // 0 for every finite value, NaN for every other.
        check += value - value;
      }
      if (check === 0) {
        rowOf[filled++] = row;
      } else {
        this.notFinite++;
        for (let output = 0; output < results.length; output++) {
          const outputWidth = batch.outputWidths[output]!;
          results[output]!.fill(Number.NaN, row * outputWidth, (row + 1) * outputWidth);
        }
      }
    }
    // A row that was refused may have left its values behind the last good one.
    input.fill(0, filled * width, Math.min(filled + 1, size) * width);
    batch.filled = filled;
    return row;
  }
}

/** An engine at one batch size with its buffers. */
class FixedBatch {
  readonly engine: Engine;
  readonly size: number;
  readonly width: number;
  readonly input: Float32Array;
  /** For each filled place of the batch the row that it holds. */
  readonly rowOf: Int32Array;
  readonly outputWidths: readonly number[];
  filled = 0;
  readonly #inputs: readonly Float32Array[];
  readonly #outputs: readonly Float32Array[];

  constructor(engine: Engine) {
    this.engine = engine;
    this.size = engine.batch;
    this.input = new Float32Array(engine.inputs[0]!.length);
    this.width = this.input.length / this.size;
    this.rowOf = new Int32Array(this.size);
    this.#inputs = [this.input];
    this.#outputs = engine.outputs.map(({ length }) => new Float32Array(length));
    this.outputWidths = this.#outputs.map(({ length }) => length / this.size);
  }

  run(results: readonly Float32Array[]): void {
    if (this.filled === 0) return;
    this.engine.run(this.#inputs, this.#outputs);
    for (let output = 0; output < results.length; output++) {
      const from = this.#outputs[output]!;
      const to = results[output]!;
      const width = this.outputWidths[output]!;
      for (let place = 0; place < this.filled; place++) {
        const target = this.rowOf[place]! * width;
        for (let i = 0; i < width; i++) to[target + i] = from[place * width + i]!;
      }
    }
  }
}
