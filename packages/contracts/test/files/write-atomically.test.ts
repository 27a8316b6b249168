import { closeSync, mkdtempSync, openSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { writeAtomically } from '../../src/index.ts';

const folder = mkdtempSync(join(tmpdir(), 'edgeguard-write-atomically-'));
afterAll(() => rmSync(folder, { recursive: true }));

it('puts a new file in the place of the old one, which whoever has it open still reads whole', async () => {
  const path = join(folder, 'policy.json');
  writeFileSync(path, 'the old one');
  const reader = openSync(path, 'r');
  await writeAtomically(path, 'new');
  expect(readFileSync(reader, 'utf8')).toBe('the old one');
  closeSync(reader);
  expect(readFileSync(path, 'utf8')).toBe('new');
  expect(readdirSync(folder)).toEqual(['policy.json']);
});
