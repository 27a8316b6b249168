import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { GraphBuilder } from '../src/builder/index.ts';
import {
  appendAssociatedFiles,
  modelDigest,
  modelMetadata,
  modelPart,
  readAssociatedFiles,
  sealFile,
  verifySeal,
  withMetadata,
} from '../src/metadata/index.ts';
import { readModel, writeModel } from '../src/model/index.ts';

const text = new TextEncoder();

function model(): Uint8Array {
  const g = new GraphBuilder({ description: 'doubles' });
  g.output('y', g.mul(g.input('x', 3), g.scalar(2)));
  return writeModel(
    withMetadata(g.build(), { name: 'Doubler', description: 'Doubles x', associatedFiles: ['a.json', 'ü.txt'] }),
  );
}

const FILES = [
  { name: 'a.json', bytes: text.encode('{"a": 1}') },
  { name: 'ü.txt', bytes: new Uint8Array(0) },
];

describe('associated files', () => {
  it('come back as they were, and the model in front of them still reads', () => {
    const plain = model();
    const bytes = appendAssociatedFiles(plain, FILES, 'a comment');
    expect(readAssociatedFiles(bytes)).toEqual(FILES);
    expect(readAssociatedFiles(plain)).toEqual([]);
    expect(modelPart(bytes)).toEqual(plain);
    expect(modelDigest(bytes)).toBe(modelDigest(plain));
    expect(modelMetadata(readModel(bytes))).toMatchObject({ name: 'Doubler', associatedFiles: ['a.json', 'ü.txt'] });
    expect(appendAssociatedFiles(bytes, FILES, 'a comment')).toEqual(bytes);
    expect(modelPart(appendAssociatedFiles(bytes, []))).toEqual(plain);
  });

  it('can be listed by Python', ({ skip }) => {
    const folder = mkdtempSync(path.join(tmpdir(), 'tflite-'));
    const file = path.join(folder, 'model.tflite');
    writeFileSync(file, sealFile(appendAssociatedFiles(model(), FILES)));
    const script =
      'import sys,zipfile; z=zipfile.ZipFile(sys.argv[1]); print(z.testzip(), z.namelist(), z.infolist()[0].date_time, len(z.comment))';
    let output: string;
    try {
      output = execFileSync('python3', ['-c', script, file], { encoding: 'utf8' });
    } catch {
      return skip('no python3 here');
    } finally {
      rmSync(folder, { recursive: true });
    }
    expect(output.trim()).toBe("None ['a.json', 'ü.txt'] (1980, 1, 1, 0, 0, 0) 64");
  });

  it('refuses names twice and damaged archives', () => {
    expect(() => appendAssociatedFiles(model(), [FILES[0], FILES[0]])).toThrow('have a name twice');
    const bytes = appendAssociatedFiles(model(), FILES);
    const content = Buffer.from(bytes).indexOf('{"a": 1}');
    bytes[content] ^= 1;
    expect(() => readAssociatedFiles(bytes)).toThrow('the checksum of a.json is wrong');
  });
});

describe('the seal', () => {
  const sealed = sealFile(appendAssociatedFiles(model(), FILES));

  it('holds for what was sealed, and sealing twice changes nothing', () => {
    expect(() => verifySeal(sealed)).not.toThrow();
    expect(sealFile(sealed)).toEqual(sealed);
    expect(readAssociatedFiles(sealed)).toEqual(FILES);
    expect(() => verifySeal(sealFile(model()))).not.toThrow();
  });

  it('breaks with any flipped bit of any byte', () => {
    const copy = sealed.slice();
    for (let i = 0; i < copy.length; i++) {
      for (const bit of [1, 0x20, 0x80]) {
        copy[i] ^= bit;
        expect(() => verifySeal(copy), `byte ${i} of ${copy.length}, bit ${bit}`).toThrow('seal');
        copy[i] ^= bit;
      }
    }
  });

  it('breaks with any truncation and any addition', () => {
    for (let length = 0; length < sealed.length; length++)
      expect(() => verifySeal(sealed.subarray(0, length))).toThrow('seal');
    for (const extra of ['\0', 'x', 'a'.repeat(64)]) {
      expect(() => verifySeal(Buffer.concat([sealed, Buffer.from(extra)]))).toThrow('seal');
    }
    expect(() => verifySeal(model())).toThrow('never sealed');
  });
});
