import { existsSync } from 'node:fs';
import { mkdtemp, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { UserError } from '@edgeguard/contracts';
import { openLineOutput } from '../src/index.ts';

describe('a line output', () => {
  it('starts a file anew, or appends where asked', async () => {
    const path = join(await mkdtemp(join(tmpdir(), 'edgeguard-')), 'alerts.jsonl');
    for (const [text, append] of [
      ['old\n', false],
      ['a\n', false],
      ['b\n', true],
    ] as const) {
      const output = openLineOutput(path, append);
      await output.write(text);
      output.close();
    }
    expect(await readFile(path, 'utf8')).toBe('a\nb\n');
  });

  it('says in one line that a folder is no file', () => {
    expect(() => openLineOutput(tmpdir())).toThrow(/it is a folder; name a file/);
  });

  const full = existsSync('/dev/full');
  it.skipIf(!full)(`says that the disk is full${full ? '' : ' (skipped: no /dev/full)'}`, async () => {
    const output = openLineOutput('/dev/full');
    await expect(output.write('x\n')).rejects.toThrow(UserError);
    output.close();
  });
});
