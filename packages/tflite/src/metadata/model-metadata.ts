import { Builder, type Offset } from 'flatbuffers';
import { FlatReader, type FlatTable } from '../model/flat-reader.ts';
import type { Model } from '../model/types.ts';

/** The name under which the TensorFlow Lite Metadata convention stores its flatbuffer. */
export const METADATA_NAME = 'TFLITE_METADATA';
const IDENTIFIER = 'M001';
/** Nothing newer than the first version of the metadata schema is written. */
const MIN_PARSER_VERSION = '1.0.0';

/** What a model says about an input or output. */
export interface TensorDescription {
  readonly name: string;
  readonly description: string;
}

/** What a model says about itself. Empty strings are left out. */
export interface ModelDescription {
  readonly name: string;
  readonly description: string;
  readonly version: string;
  readonly author: string;
  readonly license: string;
  /** Names of the files that are appended to the model. */
  readonly associatedFiles: readonly string[];
  readonly inputs: readonly TensorDescription[];
  readonly outputs: readonly TensorDescription[];
}

/** Slots of the metadata schema's tables (tensorflow/lite metadata_schema.fbs, version 1.0.0). */
const MODEL = {
  name: 0,
  description: 1,
  version: 2,
  subgraphs: 3,
  author: 4,
  license: 5,
  files: 6,
  minParser: 7,
  count: 8,
};
const SUBGRAPH = { name: 0, inputs: 2, outputs: 3, count: 5 };
const TENSOR = { name: 0, description: 1, count: 7 };
const FILE = { name: 0, description: 1, count: 5 };

/** The metadata flatbuffer. Parts that are not given are empty. */
export function buildMetadata(given: Partial<ModelDescription>): Uint8Array {
  const builder = new Builder(1024);
  const table = (fields: readonly (readonly [number, Offset])[], count: number): Offset => {
    builder.startObject(count);
    for (const [slot, offset] of fields) builder.addFieldOffset(slot, offset, 0);
    return builder.endObject();
  };
  const vector = (offsets: readonly Offset[]): Offset => {
    if (offsets.length === 0) return 0;
    builder.startVector(4, offsets.length, 4);
    for (const offset of offsets.toReversed()) builder.addOffset(offset);
    return builder.endVector();
  };
  const text = (value = ''): Offset => (value === '' ? 0 : builder.createString(value));
  const tensors = (list: readonly TensorDescription[] = []): Offset =>
    vector(
      list.map((each) => {
        const [name, description] = [text(each.name), text(each.description)];
        return table(
          [
            [TENSOR.name, name],
            [TENSOR.description, description],
          ],
          TENSOR.count,
        );
      }),
    );
  const inputs = tensors(given.inputs);
  const outputs = tensors(given.outputs);
  const subgraphs = vector([
    table(
      [
        [SUBGRAPH.inputs, inputs],
        [SUBGRAPH.outputs, outputs],
      ],
      SUBGRAPH.count,
    ),
  ]);
  const files = vector(
    (given.associatedFiles ?? []).map((file) => {
      const name = text(file);
      return table([[FILE.name, name]], FILE.count);
    }),
  );
  const [name, description, version] = [text(given.name), text(given.description), text(given.version)];
  const [author, license, minParser] = [text(given.author), text(given.license), text(MIN_PARSER_VERSION)];
  const root = table(
    [
      [MODEL.name, name],
      [MODEL.description, description],
      [MODEL.version, version],
      [MODEL.subgraphs, subgraphs],
      [MODEL.author, author],
      [MODEL.license, license],
      [MODEL.files, files],
      [MODEL.minParser, minParser],
    ],
    MODEL.count,
  );
  builder.finish(root, IDENTIFIER);
  return builder.asUint8Array().slice();
}

/** Reads what `buildMetadata` writes, from any model that follows the convention. Bounded; throws `TfliteError`. */
export function parseMetadata(bytes: Uint8Array): ModelDescription {
  const root = new FlatReader(bytes, 'metadata').root(IDENTIFIER);
  const subgraph = root.tables(MODEL.subgraphs, 'subgraph metadata')[0] as FlatTable | undefined;
  const tensors = (slot: number): TensorDescription[] =>
    (subgraph?.tables(slot, 'tensor metadata') ?? []).map((table) => ({
      name: table.string(TENSOR.name),
      description: table.string(TENSOR.description),
    }));
  return {
    name: root.string(MODEL.name),
    description: root.string(MODEL.description),
    version: root.string(MODEL.version),
    author: root.string(MODEL.author),
    license: root.string(MODEL.license),
    associatedFiles: root.tables(MODEL.files, 'associated file').map((table) => table.string(FILE.name)),
    inputs: tensors(SUBGRAPH.inputs),
    outputs: tensors(SUBGRAPH.outputs),
  };
}

/** The model with a description of itself; one that was there is replaced. */
export function withMetadata(model: Model, description: Partial<ModelDescription>): Model {
  const buffers = [...model.buffers, buildMetadata(description)];
  const metadata = model.metadata.filter((entry) => entry.name !== METADATA_NAME);
  return { ...model, buffers, metadata: [...metadata, { name: METADATA_NAME, buffer: buffers.length - 1 }] };
}

/** What a model says about itself, or undefined where it says nothing. */
export function modelMetadata(model: Model): ModelDescription | undefined {
  const entry = model.metadata.find((each) => each.name === METADATA_NAME);
  return entry === undefined ? undefined : parseMetadata(model.buffers[entry.buffer]);
}
