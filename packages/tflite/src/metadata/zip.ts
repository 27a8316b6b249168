import { crc32 } from 'node:zlib';
import { TfliteError } from '../error.ts';

/** A file that travels inside a `.tflite` file by the TensorFlow Lite Metadata convention. */
export interface AssociatedFile {
  readonly name: string;
  readonly bytes: Uint8Array;
}

/** Records of the ZIP format (PKWARE APPNOTE 4.3): signatures, and the sizes of their fixed parts. */
const LOCAL_SIGNATURE = 0x0403_4b50;
const CENTRAL_SIGNATURE = 0x0201_4b50;
export const END_SIGNATURE = 0x0605_4b50;
const LOCAL_SIZE = 30;
const CENTRAL_SIZE = 46;
export const END_SIZE = 22;
const MAX_COMMENT = 0xffff;
const MAX_ENTRIES = 0xffff;
const MAX_OFFSET = 0xffff_ffff;
const STORED = 0;
const VERSION_NEEDED = 20;
const UTF8_NAMES = 0x0800;
/** 1980-01-01 00:00, the first date that ZIP can say: file dates must not make files differ. */
const DATE = (0 << 9) | (1 << 5) | 1;
const TIME = 0;

const encoder = new TextEncoder();
const decoder = new TextDecoder('utf-8', { fatal: true });

/**
 * The model with files behind it as a stored (uncompressed) zip archive, which `unzip`, Python's zipfile and the official
 * metadata library can read. Files that were there before are replaced. The same input gives the same bytes.
 *
 * @param comment the comment of the archive, at most 65,535 bytes in UTF-8; `sealFile` puts a digest there.
 */
export function appendAssociatedFiles(
  modelBytes: Uint8Array,
  files: readonly AssociatedFile[],
  comment = '',
): Uint8Array {
  const model = modelPart(modelBytes);
  const commentBytes = encoder.encode(comment);
  if (commentBytes.byteLength > MAX_COMMENT)
    throw new TfliteError('zip comment', `has ${commentBytes.byteLength} bytes; at most ${MAX_COMMENT} fit`);
  if (files.length > MAX_ENTRIES)
    throw new TfliteError('associated files', `are ${files.length}; at most ${MAX_ENTRIES} fit`);
  const names = files.map((file) => encodeName(file.name));
  if (new Set(files.map((file) => file.name)).size !== files.length)
    throw new TfliteError('associated files', 'have a name twice');
  const locals = files.reduce((sum, file, i) => sum + LOCAL_SIZE + names[i].byteLength + file.bytes.byteLength, 0);
  const central = names.reduce((sum, name) => sum + CENTRAL_SIZE + name.byteLength, 0);
  const size = model.byteLength + locals + central + END_SIZE + commentBytes.byteLength;
  if (size > MAX_OFFSET) throw new TfliteError('associated files', 'make the file larger than 4 GiB');
  const bytes = new Uint8Array(size);
  bytes.set(model);
  const writer = new RecordWriter(bytes, model.byteLength);
  const offsets = files.map((file, i) => {
    const offset = writer.position;
    writer.local(names[i], file.bytes);
    return offset;
  });
  const directory = writer.position;
  files.forEach((file, i) => writer.central(names[i], file.bytes, offsets[i]));
  writer.end(files.length, directory, commentBytes);
  return bytes;
}

function encodeName(name: string): Uint8Array {
  const bytes = encoder.encode(name);
  if (name === '' || bytes.byteLength > 1024)
    throw new TfliteError(`associated file "${name.slice(0, 40)}"`, 'needs a name of 1 to 1024 bytes');
  return bytes;
}

class RecordWriter {
  position: number;
  readonly #bytes: Uint8Array;
  readonly #view: DataView;

  constructor(bytes: Uint8Array, position: number) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.position = position;
  }

  local(name: Uint8Array, content: Uint8Array): void {
    this.#u32(LOCAL_SIGNATURE);
    this.#u16(VERSION_NEEDED);
    this.#common(name, content);
    this.#copy(name);
    this.#copy(content);
  }

  central(name: Uint8Array, content: Uint8Array, offset: number): void {
    this.#u32(CENTRAL_SIGNATURE);
    this.#u16(VERSION_NEEDED);
    this.#u16(VERSION_NEEDED);
    this.#common(name, content);
    this.#u16(0); // comment length
    this.#u16(0); // disk
    this.#u16(0); // internal attributes
    this.#u32(0); // external attributes
    this.#u32(offset);
    this.#copy(name);
  }

  end(entries: number, directory: number, comment: Uint8Array): void {
    const directorySize = this.position - directory;
    this.#u32(END_SIGNATURE);
    this.#u16(0); // this disk
    this.#u16(0); // disk of the directory
    this.#u16(entries);
    this.#u16(entries);
    this.#u32(directorySize);
    this.#u32(directory);
    this.#u16(comment.byteLength);
    this.#copy(comment);
  }

  /** The fields that local and central headers share: flags to the length of the extra field. */
  #common(name: Uint8Array, content: Uint8Array): void {
    this.#u16(UTF8_NAMES);
    this.#u16(STORED);
    this.#u16(TIME);
    this.#u16(DATE);
    this.#u32(crc32(content));
    this.#u32(content.byteLength);
    this.#u32(content.byteLength);
    this.#u16(name.byteLength);
    this.#u16(0);
  }

  #u16(value: number): void {
    this.#view.setUint16(this.position, value, true);
    this.position += 2;
  }

  #u32(value: number): void {
    this.#view.setUint32(this.position, value, true);
    this.position += 4;
  }

  #copy(source: Uint8Array): void {
    this.#bytes.set(source, this.position);
    this.position += source.byteLength;
  }
}

/**
 * The files behind a model, as views of `bytes`; an empty list where there is no archive. Bounded by the size of the
 * file. Only stored entries are read, their checksums are checked. Throws `TfliteError` for a damaged archive.
 */
export function readAssociatedFiles(bytes: Uint8Array): readonly AssociatedFile[] {
  const archive = findArchive(bytes);
  return archive === undefined ? [] : archive.files;
}

/** The flatbuffer alone, without the archive behind it. A view of `bytes`. */
export function modelPart(bytes: Uint8Array): Uint8Array {
  const archive = findArchive(bytes);
  return archive === undefined ? bytes : bytes.subarray(0, archive.start);
}

/** Position of the end record whose comment reaches exactly to the end of the file, or -1. */
export function findEndRecord(bytes: Uint8Array): number {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const lowest = Math.max(0, bytes.byteLength - END_SIZE - MAX_COMMENT);
  for (let at = bytes.byteLength - END_SIZE; at >= lowest; at--) {
    if (
      view.getUint32(at, true) === END_SIGNATURE &&
      at + END_SIZE + view.getUint16(at + 20, true) === bytes.byteLength
    )
      return at;
  }
  return -1;
}

interface Archive {
  /** Where the first record begins: the end of the flatbuffer. */
  readonly start: number;
  readonly files: readonly AssociatedFile[];
}

function findArchive(bytes: Uint8Array): Archive | undefined {
  const end = findEndRecord(bytes);
  if (end === -1) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const entries = view.getUint16(end + 10, true);
  const directorySize = view.getUint32(end + 12, true);
  const directory = view.getUint32(end + 16, true);
  if (directory + directorySize > end) damaged('its directory lies outside of the file');
  const files: AssociatedFile[] = [];
  const names = new Set<string>();
  let start = directory;
  let at = directory;
  let total = 0;
  for (let i = 0; i < entries; i++) {
    if (at + CENTRAL_SIZE > end || view.getUint32(at, true) !== CENTRAL_SIGNATURE)
      damaged(`entry ${i} of its directory is missing`);
    const nameLength = view.getUint16(at + 28, true);
    const skip = CENTRAL_SIZE + nameLength + view.getUint16(at + 30, true) + view.getUint16(at + 32, true);
    if (at + skip > end) damaged(`entry ${i} of its directory is cut off`);
    const name = decodeName(bytes.subarray(at + CENTRAL_SIZE, at + CENTRAL_SIZE + nameLength), i);
    if (names.has(name)) damaged(`it has ${name} twice`);
    names.add(name);
    const offset = view.getUint32(at + 42, true);
    const content = readEntry(bytes, view, { name, header: at, offset, limit: directory });
    total += content.byteLength;
    // Entries that share their bytes could describe far more than the file holds.
    if (total > bytes.byteLength) damaged('its entries overlap');
    start = Math.min(start, offset);
    files.push({ name, bytes: content });
    at += skip;
  }
  return { start, files };
}

function decodeName(bytes: Uint8Array, index: number): string {
  try {
    return decoder.decode(bytes);
  } catch {
    return damaged(`the name of entry ${index} is not UTF-8`);
  }
}

function readEntry(
  bytes: Uint8Array,
  view: DataView,
  entry: { name: string; header: number; offset: number; limit: number },
): Uint8Array {
  const { name, header, offset, limit } = entry;
  if (view.getUint16(header + 10, true) !== STORED) damaged(`${name} is compressed; only stored entries are supported`);
  const size = view.getUint32(header + 24, true);
  if (view.getUint32(header + 20, true) !== size) damaged(`the sizes of ${name} differ`);
  if (offset + LOCAL_SIZE > limit || view.getUint32(offset, true) !== LOCAL_SIGNATURE)
    damaged(`the header of ${name} is missing`);
  const begin = offset + LOCAL_SIZE + view.getUint16(offset + 26, true) + view.getUint16(offset + 28, true);
  if (begin + size > limit) damaged(`${name} lies outside of the archive`);
  const content = bytes.subarray(begin, begin + size);
  if (crc32(content) !== view.getUint32(header + 16, true)) damaged(`the checksum of ${name} is wrong`);
  return content;
}

function damaged(problem: string): never {
  throw new TfliteError('associated files', `the archive is damaged: ${problem}`);
}
