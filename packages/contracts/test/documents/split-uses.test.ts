import { describe, expect, it } from 'vitest';
import { SPLIT_PURPOSES, type SplitUses, UserError, useSplit } from '../../src/index.ts';

const digest = (letter: string): string => letter.repeat(64);

describe('useSplit', () => {
  it('notes each purpose once and may be asked again with the same rows', () => {
    let uses: SplitUses = {};
    for (const [i, purpose] of SPLIT_PURPOSES.entries()) uses = useSplit(uses, purpose, 'x.arrow', digest('abcd'[i]!));
    expect(uses).toEqual({ train: digest('a'), validation: digest('b'), calibration: digest('c'), test: digest('d') });
    expect(useSplit(uses, 'train', 'x.arrow', digest('a'))).toEqual(uses);
  });

  it('does not change what it was given', () => {
    const uses: SplitUses = { train: digest('a') };
    useSplit(uses, 'validation', 'x.arrow', digest('b'));
    expect(uses).toEqual({ train: digest('a') });
  });

  it('refuses rows that served another purpose, for every pair of purposes', () => {
    for (const earlier of SPLIT_PURPOSES) {
      for (const later of SPLIT_PURPOSES.filter((purpose) => purpose !== earlier)) {
        const using = (): SplitUses => useSplit({ [earlier]: digest('a') }, later, `${later}.arrow`, digest('a'));
        expect(using).toThrow(UserError);
        expect(using).toThrow(`${later}.arrow: these very rows were used as the ${earlier} split already`);
      }
    }
  });

  it('refuses other rows for a purpose that is taken', () => {
    expect(() => useSplit({ train: digest('a') }, 'train', 'train.arrow', digest('b'))).toThrow(
      'train.arrow: this is not the train split that the model has used; run the stages again from preprocess',
    );
  });
});
