import { describe, expect, it } from 'vitest';
import { defaultSplit, parseJson, type PipelineConfig, PipelineConfigSchema, UserError } from '../../src/index.ts';

function parse(value: unknown): PipelineConfig {
  return parseJson('edgeguard.config.json', Buffer.from(JSON.stringify(value)), PipelineConfigSchema);
}

function problemOf(value: unknown): string {
  try {
    parse(value);
  } catch (error) {
    if (error instanceof UserError) return error.message;
    throw error;
  }
  throw new Error('the config was accepted');
}

const collect = { source: { kind: 'synthetic', durationSeconds: 60 } };

describe('the pipeline config', () => {
  it('fills in every default from a source alone', () => {
    const config = parse({ collect });
    expect(config.seed).toBe(1);
    expect(config.collect.metering).toMatchObject({ idleTimeoutSeconds: 120, flowEnd: 'tcp-close' });
    expect(config.preprocess.split).toBeUndefined();
    expect(defaultSplit(true)).toMatchObject({ by: 'time', gapSeconds: 1800, shares: { train: 0.5 } });
    expect(defaultSplit(false)).toMatchObject({ by: 'random', test: [] });
    expect(config.convert.threshold).toEqual({ confidence: 0.95 });
    expect(config.detect).toBeUndefined();
  });

  it.each([
    [{ collect, trian: {} }, 'edgeguard.config.json: trian: unknown key; did you mean "train"?'],
    [
      { collect, train: { epoch: 3 } },
      'edgeguard.config.json: train.epoch: unknown key; did you mean "epochs"? Valid: network, epochs,',
    ],
    [
      { collect: { source: { ...collect.source, durationSecond: 3 } } },
      'edgeguard.config.json: collect.source.durationSecond: unknown key; did you mean "durationSeconds"?',
    ],
    [
      { collect, preprocess: { split: { by: 'time', gap: 3 } } },
      'edgeguard.config.json: preprocess.split.gap: unknown key; did you mean "gapSeconds"?',
    ],
    [
      { collect: { source: { ...collect.source, attacks: [{ kind: 'x', startSeconds: 1, durationSecond: 1 }] } } },
      'edgeguard.config.json: collect.source.attacks.0.durationSecond: unknown key; did you mean "durationSeconds"?',
    ],
  ])('names an unknown key and the nearest valid one: %j', (value, expected) => {
    // A misspelt key may also be a missing one: the misspelling is what is named.
    expect(problemOf(value)).toContain(expected);
  });

  it.each([
    [{}, 'edgeguard.config.json: collect: invalid input: expected object, received undefined'],
    [
      { collect, train: { epochs: 'many' } },
      'edgeguard.config.json: train.epochs: invalid input: expected number, received string',
    ],
    [{ collect, seed: -1 }, 'edgeguard.config.json: seed: too small: expected number to be >=0'],
    [
      { collect: { source: { kind: 'sinthetic' } } },
      'edgeguard.config.json: collect.source.kind: unknown value "sinthetic"; did you mean "synthetic"? Valid: synthetic, captures, flow-logs, table',
    ],
    [
      { collect: { source: {} } },
      'edgeguard.config.json: collect.source.kind: it is missing; give one of synthetic, captures, flow-logs, table',
    ],
    [
      { collect, preprocess: { split: { by: 'host' } } },
      'edgeguard.config.json: preprocess.split.by: unknown value "host"; did you mean',
    ],
    [
      { collect, preprocess: { split: { by: 'time', shares: { train: 0.9 } } } },
      'edgeguard.config.json: preprocess.split.shares: the shares must add up to 1',
    ],
    [
      { collect, convert: { precisions: ['int4'] } },
      'edgeguard.config.json: convert.precisions.0: invalid option: expected one of "float32"|"int8"',
    ],
    [[], 'edgeguard.config.json: invalid input: expected object, received array'],
  ])('names the key of a wrong value: %j', (value, expected) => {
    expect(problemOf(value)).toContain(expected);
  });
});
