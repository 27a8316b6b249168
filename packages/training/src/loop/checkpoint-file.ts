import { readFile, rm } from 'node:fs/promises';
import { sha256, writeAtomically } from '@edgeguard/contracts';
import type { Snapshot } from './training-state.ts';

/** Changes when the bytes of a checkpoint, or what training does with them, change. */
const FORMAT = 'edgeguard.checkpoint 2';

/**
 * The file that interrupted training goes on from. Holds a line of JSON and then the arrays it lists; the first line is
 * the SHA-256 of all that follows, so that a damaged file is not mistaken for a checkpoint.
 */
export class CheckpointFile {
  readonly path: string;
  readonly #key: string;

  /** @param task digests and settings that decide the result: a checkpoint of another task is not read */
  constructor(path: string, task: unknown) {
    this.path = path;
    this.#key = sha256(JSON.stringify([FORMAT, task]));
  }

  /** The last snapshot of the same task, if there is one. */
  async read(): Promise<Snapshot | undefined> {
    let bytes: Buffer;
    try {
      bytes = await readFile(this.path);
    } catch {
      return undefined;
    }
    const digest = bytes.subarray(0, 64).toString('latin1');
    const body = bytes.subarray(65);
    if (sha256(body) !== digest) return undefined;
    const end = body.indexOf(0x0a);
    const header = JSON.parse(body.subarray(0, end).toString('utf8')) as Header;
    if (header.key !== this.#key) return undefined;
    let at = end + 1;
    const take = (count: number): ArrayBuffer => {
      const part = Uint8Array.prototype.slice.call(body, at, at + count * 4);
      at += count * 4;
      return part.buffer;
    };
    const [parameters, moments, statistics, best, order] = header.counts.map(take) as [Part, Part, Part, Part, Part];
    return {
      position: header.position,
      history: header.history,
      best: header.best && { ...header.best, parameters: new Float32Array(best) },
      steps: header.steps,
      parameters: new Float32Array(parameters),
      moments: new Float32Array(moments),
      statistics: new Float32Array(statistics),
      order: new Uint32Array(order),
    };
  }

  async write(snapshot: Snapshot): Promise<void> {
    const best = snapshot.best?.parameters ?? new Float32Array(0);
    const arrays = [snapshot.parameters, snapshot.moments, snapshot.statistics, best, snapshot.order];
    const header: Header = {
      key: this.#key,
      position: snapshot.position,
      history: snapshot.history,
      best: snapshot.best && { epoch: snapshot.best.epoch, loss: snapshot.best.loss },
      steps: snapshot.steps,
      counts: arrays.map((array) => array.length),
    };
    const parts = arrays.map((array) => Buffer.from(array.buffer, array.byteOffset, array.byteLength));
    const body = Buffer.concat([Buffer.from(`${JSON.stringify(header)}\n`), ...parts]);
    await writeAtomically(this.path, Buffer.concat([Buffer.from(`${sha256(body)}\n`), body]));
  }

  async remove(): Promise<void> {
    await rm(this.path, { force: true });
  }
}

type Part = ArrayBuffer;

interface Header {
  readonly key: string;
  readonly position: Snapshot['position'];
  readonly history: Snapshot['history'];
  readonly best: { readonly epoch: number; readonly loss: number } | undefined;
  readonly steps: number;
  readonly counts: readonly number[];
}
