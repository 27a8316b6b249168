import { afterEach, describe, expect, it, vi } from 'vitest';
import { createProgress } from '../../src/stage/index.ts';

const { isTTY } = process.stderr;
afterEach(() => {
  Object.defineProperty(process.stderr, 'isTTY', { value: isTTY, configurable: true });
  vi.restoreAllMocks();
});

/** What a progress of one update writes to standard error. */
function written(terminal: boolean): string {
  let text = '';
  Object.defineProperty(process.stderr, 'isTTY', { value: terminal, configurable: true });
  vi.spyOn(process.stderr, 'write').mockImplementation((chunk) => {
    text += String(chunk);
    return true;
  });
  const progress = createProgress('train', 200, ['loss', 'rows/s']);
  progress.update(50, { loss: '0.1234', 'rows/s': '46,224' });
  progress.stop();
  return text;
}

describe('progress', () => {
  it('shows every figure by its name on a terminal', () => {
    const text = written(true);
    expect(text).toContain('25% | 50/200');
    expect(text).toContain('left | loss 0.1234 | rows/s 46,224');
    expect(text).not.toMatch(/[{}]/);
  });

  it('is silent elsewhere', () => {
    expect(written(false)).toBe('');
  });
});
