import { Readable, type Transform } from 'node:stream';
import * as zlib from 'node:zlib';
import { UserError } from '@edgeguard/contracts/problems';

/** Enough bytes to tell a compressed file by its magic number. */
export const COMPRESSION_MAGIC_LENGTH = 4;

const INFLATED_CHUNK = 1 << 18;

export type Compression = 'gzip' | 'zstd';

/** The compression that the first bytes tell, if any. */
export function detectCompression(head: Uint8Array): Compression | undefined {
  if (head.length >= 2 && head[0] === 0x1f && head[1] === 0x8b) return 'gzip';
  if (head.length >= 4 && head[0] === 0x28 && head[1] === 0xb5 && head[2] === 0x2f && head[3] === 0xfd) return 'zstd';
  return undefined;
}

/**
 * Unpacks chunk by chunk; what is unpacked at a time is bounded, however well it was compressed.
 *
 * @param name the file's name, for errors
 * @throws UserError for zstd where this Node has no zstd (it came with 22.15)
 */
export function decompress(chunks: AsyncIterable<Uint8Array>, compression: Compression, name: string): Readable {
  const unpack = compression === 'gzip' ? zlib.createGunzip({ chunkSize: INFLATED_CHUNK }) : createZstd(name);
  const source = Readable.from(chunks, { objectMode: true, highWaterMark: 1 });
  source.on('error', (error) => unpack.destroy(error));
  unpack.on('close', () => source.destroy());
  return source.pipe(unpack);
}

/** What a zlib error says about the file, or undefined for an error of another origin. */
export function describeDamage(error: unknown): { kind: 'cut' | 'corrupt'; problem: string } | undefined {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  if (code === 'Z_BUF_ERROR') return { kind: 'cut', problem: 'the compressed file ends early' };
  if (code.startsWith('Z_') || code.startsWith('ZSTD_')) {
    return { kind: 'corrupt', problem: 'the compressed data is damaged' };
  }
  return undefined;
}

function createZstd(name: string): Transform {
  const create = (zlib as { createZstdDecompress?: (options: { chunkSize: number }) => Transform })
    .createZstdDecompress;
  if (create === undefined) {
    throw new UserError(
      name,
      `this is a zstd file, which Node ${process.versions.node} cannot unpack`,
      'unpack it first (unzstd FILE), pipe it in (zstdcat FILE | … -), or use Node 22.15 or later',
    );
  }
  return create({ chunkSize: INFLATED_CHUNK });
}
