import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DigestSchema, formatJson, readJson } from '../../src/index.ts';
import { temporaryFolders } from '../support/temporary-folder.ts';

const newFolder = temporaryFolders();

describe('formatJson', () => {
  it('keeps every value, and gives the same bytes for the same value', () => {
    fc.assert(
      fc.property(fc.jsonValue({ noUnicodeString: false }), (value) => {
        const text = formatJson(value);
        expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify(value)));
        expect(formatJson(JSON.parse(text))).toBe(text);
      }),
    );
  });

  it('writes vectors on one line and leaves text that looks like one alone', () => {
    const document = { mean: [1, -2.5, 3e-7], note: 'a [ 1,  2 ] b', nested: [[1, 2], []] };
    expect(formatJson(document)).toBe(
      `{\n  "mean": [1, -2.5, 3e-7],\n  "note": "a [ 1,  2 ] b",\n  "nested": [\n    [1, 2],\n    []\n  ]\n}\n`,
    );
  });
});

describe('readJson', () => {
  it('names the file and what is wrong in one line', async () => {
    const folder = await newFolder();
    const path = join(folder, 'digest.json');
    await expect(readJson(path, DigestSchema)).rejects.toThrow(`${path}: no such file or folder; check the path`);
    await expect(readJson(folder, DigestSchema)).rejects.toThrow(`${folder}: it is a folder; name a file`);
    await writeFile(path, '{"format": "edgeguard.digest",\n "version": 1,,}');
    await expect(readJson(path, DigestSchema)).rejects.toThrow(
      /^\S+digest\.json: not JSON \([^\n]+\); mend its syntax$/,
    );
    await writeFile(path, '{"format": "edgeguard.digest", "version": 2, "files": {}}');
    await expect(readJson(path, DigestSchema)).rejects.toThrow(`${path}: version: invalid input: expected 1`);
    await writeFile(path, '{"format": "edgeguard.digest", "version": 1, "files": {"a": "short"}}');
    await expect(readJson(path, DigestSchema)).rejects.toThrow(`${path}: files.a: expected a SHA-256 in hex`);
  });
});
