/** A trained array of a layer, as float32. */
export interface LayerWeight {
  readonly shape: readonly number[];
  readonly data: Float32Array;
}

/** A layer as its file describes it. */
export interface Layer {
  readonly name: string;
  /** Its Keras class, such as `Dense`. */
  readonly className: string;
  readonly config: Readonly<Record<string, unknown>>;
  /** By the last part of the weight's name, such as `kernel`. */
  readonly weights: ReadonlyMap<string, LayerWeight>;
}

/** One use of a layer: it takes values and makes one. Values are numbered in the order in which they are made. */
export interface LayerCall {
  readonly layer: Layer;
  readonly inputs: readonly number[];
  readonly output: number;
}

export interface LayersInput {
  readonly name: string;
  /** Without the batch. */
  readonly shape: readonly number[];
  readonly dtype: 'float32' | 'int32';
  readonly value: number;
}

export interface LayersOutput {
  readonly name: string;
  readonly value: number;
}

/** A LayersModel with nested models taken apart: a list of layer calls in an order in which they can be computed. */
export interface LayersModel {
  readonly name: string;
  readonly inputs: readonly LayersInput[];
  readonly calls: readonly LayerCall[];
  readonly outputs: readonly LayersOutput[];
}
