import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { assertReplaceable, writeAtomically } from '../src/index.ts';

describe('output that is renamed into place', () => {
  it('takes a free name and a regular file', () => {
    const folder = mkdtempSync(join(tmpdir(), 'edgeguard-replace-'));
    try {
      expect(() => assertReplaceable(join(folder, 'new'))).not.toThrow();
      writeFileSync(join(folder, 'old'), '');
      expect(() => assertReplaceable(join(folder, 'old'))).not.toThrow();
      expect(() => assertReplaceable(folder)).toThrow('it is a folder; name a file');
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it.skipIf(!existsSync('/dev/null'))('never replaces a device (skipped without /dev/null)', async () => {
    await expect(writeAtomically('/dev/null', 'text')).rejects.toThrow(
      '/dev/null: it is not a regular file; name a file',
    );
    expect(existsSync('/dev/null.partial')).toBe(false);
  });
});
