import type { FileHandle } from 'node:fs/promises';
import * as arrow from 'apache-arrow';
import { UserError } from '../user-error.ts';
import { type BatchBlock, verifyFooter, verifyRecordBatch } from './verify-metadata.ts';

const MAGIC = 'ARROW1';
/** Magic and padding in front; the footer's length and the magic behind. */
const FRAME_BYTES = 8 + 4 + MAGIC.length;

/** Checks the frame and the footer of a file; returns where its record batches lie. */
export async function verifyArrowFile(path: string, file: FileHandle): Promise<BatchBlock[]> {
  const { size } = await file.stat();
  const head = Buffer.alloc(MAGIC.length);
  const tail = Buffer.alloc(4 + MAGIC.length);
  await file.read(head, 0, head.length, 0);
  if (head.toString('latin1') !== MAGIC) {
    throw new UserError(path, 'it is not an Arrow file', 'name a dataset that a stage wrote');
  }
  await file.read(tail, 0, tail.length, Math.max(0, size - tail.length));
  if (size < FRAME_BYTES || tail.toString('latin1', 4) !== MAGIC) {
    throw new UserError(path, 'the Arrow file is cut off', 'make it again');
  }
  const footerBytes = tail.readInt32LE(0);
  if (footerBytes <= 0 || footerBytes > size - FRAME_BYTES) throw new Error('its footer is not where it says');
  return verifyFooter(await readExactly(file, footerBytes, size - tail.length - footerBytes));
}

/** Checks the metadata of the record batch at a block. */
export async function verifyBatchAt(file: FileHandle, block: BatchBlock): Promise<void> {
  const { size } = await file.stat();
  const { offset, metadataLength } = block;
  if (offset < 0 || metadataLength < 12 || offset + metadataLength > size) throw new Error('a block lies outside');
  const bytes = await readExactly(file, metadataLength, offset);
  // A length in front, and in front of that -1 since format 0.15 (IPC, "encapsulated message format").
  const prefix = bytes.readInt32LE(0) === -1 ? 8 : 4;
  const length = bytes.readInt32LE(prefix - 4);
  if (length <= 0 || prefix + length > metadataLength) throw new Error('a block has not the length that it claims');
  verifyRecordBatch(bytes.subarray(prefix, prefix + length));
}

async function readExactly(file: FileHandle, length: number, position: number): Promise<Buffer> {
  const bytes = Buffer.alloc(length);
  const { bytesRead } = await file.read(bytes, 0, length, position);
  if (bytesRead < length) throw new Error('it has become shorter');
  return bytes;
}

/** The file as Arrow's reader uses it. That reader tries for ever to read bytes that a file no longer has. */
export function withoutEndlessReads(file: FileHandle): FileHandle {
  const guarded = {
    fd: file.fd,
    stat: () => file.stat(),
    close: () => file.close(),
    read: async (buffer: Uint8Array, offset: number, length: number, position: number) => {
      const result = await file.read(buffer, offset, length, position);
      if (result.bytesRead === 0 && length > 0) throw new Error('it has become shorter');
      return result;
    },
  };
  return guarded as unknown as FileHandle;
}

/** Checks that every column of a record batch has the rows that the batch claims. Arrow's reader does not. */
export function assertWhole(batch: arrow.RecordBatch): void {
  for (const [index, field] of batch.schema.fields.entries()) {
    const data = batch.data.children[index] as arrow.Data | undefined;
    if (!data) throw new Error(`column ${field.name} is missing`);
    // `nullCount` is what the file claims; the bitmap is there or not.
    if (data.nullBitmap?.length > 0 || data.nullCount > 0) throw new Error(`column ${field.name} has empty cells`);
    if (data.length !== batch.numRows || rowsHeld(data, batch.numRows) < batch.numRows) {
      throw new Error(`column ${field.name} has not the ${batch.numRows} rows that it claims`);
    }
  }
}

/** Rows, up to `wanted`, that a column's buffers hold. */
function rowsHeld(data: arrow.Data, wanted: number): number {
  if (!arrow.DataType.isUtf8(data.type)) return (data.values as ArrayLike<unknown>).length;
  const offsets = data.valueOffsets as Int32Array;
  const bytes = (data.values as Uint8Array).length;
  // Behind the offsets of the rows there may be padding.
  for (let i = 0; i <= Math.min(wanted, offsets.length - 1); i++) {
    if (offsets[i]! < (i === 0 ? 0 : offsets[i - 1]!) || offsets[i]! > bytes) return -1;
  }
  return wanted === 0 ? 0 : offsets.length - 1;
}
