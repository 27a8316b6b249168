import { chmodSync, copyFileSync, existsSync, readFileSync, truncateSync, writeFileSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { readDetectorFile, writeDetectorFile } from '@edgeguard/detection';
import { schemaHash, type FeatureColumn } from '@edgeguard/contracts';
import { synthesizeCapture } from '@edgeguard/sources';
import { modelPart } from '@edgeguard/tflite/metadata';
import { zScoreDetector } from '../../../packages/runtime/test/z-score-detector.ts';
import { complaint, edgeguard, scratch } from './edgeguard.ts';

const folder = scratch();
const capture = join(folder, 'good.pcap');
const detector = join(folder, 'good.tflite');
let detectorBytes: Uint8Array;

beforeAll(async () => {
  await synthesizeCapture({ seed: 9, durationSeconds: 60, attacks: 'none' }, capture);
  detectorBytes = await zScoreDetector();
  writeFileSync(detector, detectorBytes);
});

describe('a capture that is none', () => {
  it.each(['meter', 'detect'])('%s: a text file', async (command) => {
    const path = join(folder, 'text.pcap');
    writeFileSync(path, 'hello, this is no capture at all\n');
    expect(complaint(await edgeguard(withDetector(command, path)))).toMatch(
      /text\.pcap: byte 0: this is not a capture; give a pcap/,
    );
  });

  it.each(['meter', 'detect'])('%s: an empty file', async (command) => {
    const path = join(folder, 'empty.pcap');
    writeFileSync(path, '');
    expect(complaint(await edgeguard(withDetector(command, path)))).toMatch(/empty\.pcap: the file is empty/);
  });

  it('empty standard input', async () => {
    expect(complaint(await edgeguard(['meter', '-']))).toMatch(/standard input: the file is empty/);
  });

  it('a folder', async () => {
    expect(complaint(await edgeguard(['meter', folder]))).toMatch(/(folder|directory)/);
  });

  it('a file that is not there', async () => {
    expect(complaint(await edgeguard(['meter', join(folder, 'absent.pcap')]))).toMatch(/absent\.pcap: /);
  });

  it('a pattern that nothing matches', async () => {
    expect(complaint(await edgeguard(['meter', join(folder, 'no-*.pcap')]))).toMatch(/no file matches/);
  });

  const root = process.getuid?.() === 0;
  it.skipIf(root)(`a file that may not be read${root ? ' (skipped: root may read everything)' : ''}`, async () => {
    const path = join(folder, 'secret.pcap');
    copyFileSync(capture, path);
    chmodSync(path, 0o000);
    expect(complaint(await edgeguard(['meter', path]))).toMatch(/secret\.pcap: .*permi/);
  });
});

describe('a capture that is cut', () => {
  it('is metered up to the cut, which is said', async () => {
    const path = join(folder, 'cut.pcap');
    copyFileSync(capture, path);
    truncateSync(path, 20_001);
    const whole = JSON.parse((await edgeguard(['meter', '--summary', capture])).stdout);
    const { code, stdout, stderr } = await edgeguard(['meter', '--summary', path]);
    expect(code).toBe(0);
    expect(stderr).toMatch(
      /cut\.pcap: byte \d+: the capture ends inside a record; the \d+ packets before it were read\n$/,
    );
    const summary = JSON.parse(stdout);
    expect(summary.packets).toBeGreaterThan(50);
    expect(summary.packets).toBeLessThan(whole.packets);
    expect(summary.truncated).toHaveLength(1);
  });

  it('is looked at up to the cut, which is said', async () => {
    const path = join(folder, 'cut2.pcap');
    copyFileSync(capture, path);
    truncateSync(path, 20_001);
    const { code, stderr } = await edgeguard(['detect', detector, path]);
    expect(code).toBe(0);
    expect(stderr).toMatch(/cut2\.pcap: byte \d+: the capture ends inside a record/);
  });
});

describe('a detector that is none', () => {
  const place = (name: string): string => join(folder, name);

  it.each([0, 4, 100, -1, -30, 'middle'] as const)('one flipped byte at %s', async (where) => {
    const bytes = detectorBytes.slice();
    const at = where === 'middle' ? bytes.length >> 1 : where < 0 ? bytes.length + where : where;
    bytes[at] = bytes[at]! ^ 0x10;
    writeFileSync(place('flipped.tflite'), bytes);
    expect(complaint(await edgeguard(['detect', place('flipped.tflite'), capture]))).toMatch(/flipped\.tflite: /);
  });

  it('cut off', async () => {
    writeFileSync(place('cut.tflite'), detectorBytes.subarray(0, detectorBytes.length - 100));
    expect(complaint(await edgeguard(['detect', place('cut.tflite'), capture]))).toMatch(/cut\.tflite: /);
    expect(complaint(await edgeguard(['inspect', place('cut.tflite')]))).toMatch(/cut\.tflite: /);
  });

  it('a capture in its place', async () => {
    expect(complaint(await edgeguard(['detect', capture, capture]))).toMatch(/good\.pcap: /);
  });

  it('made for other rows: the first feature that differs is named', async () => {
    const { document } = await readDetectorFile(detectorBytes);
    const features = document.schema.features.map((feature, i) =>
      i === 3 ? { ...feature, name: 'colour_of_the_cable' } : feature,
    );
    const other = { ...document.schema, features, hash: schemaHash(features as FeatureColumn[]) };
    writeFileSync(place('other.tflite'), writeDetectorFile(modelPart(detectorBytes), { ...document, schema: other }));
    expect(complaint(await edgeguard(['detect', place('other.tflite'), capture]))).toMatch(
      /feature 4 is \w+ in place of colour_of_the_cable/,
    );
  });
});

describe('a config that is wrong', () => {
  const pipeline = join(folder, 'ws', 'data', 'pipelines', 'wrong');
  beforeAll(() => {
    mkdirSync(pipeline, { recursive: true });
    writeFileSync(join(folder, 'ws', 'nx.json'), '{}');
  });

  it.each([
    [
      'a wrong type',
      { collect: { source: { kind: 'synthetic', durationSeconds: 'long' } } },
      /collect\.source\.durationSeconds/,
    ],
    [
      'an unknown key',
      { sed: 1, collect: { source: { kind: 'synthetic', durationSeconds: 9 } } },
      /unknown key; did you mean "seed"/,
    ],
    ['a missing section', {}, /collect/],
    [
      'a file that is not there',
      { collect: { source: { kind: 'captures', paths: ['absent.pcap'] } } },
      /absent\.pcap: /,
    ],
  ])('%s', async (_, config, message) => {
    writeFileSync(join(pipeline, 'edgeguard.config.json'), JSON.stringify(config));
    expect(complaint(await edgeguard(['collect', pipeline]))).toMatch(message);
    expect(existsSync(join(folder, 'ws', 'data', 'artifacts', 'wrong', 'collect'))).toBe(false);
  });

  it('no JSON', async () => {
    writeFileSync(join(pipeline, 'edgeguard.config.json'), '{');
    expect(complaint(await edgeguard(['collect', pipeline]))).toMatch(/edgeguard\.config\.json: not JSON/);
  });

  it('a stage whose input is not there yet', async () => {
    writeFileSync(
      join(pipeline, 'edgeguard.config.json'),
      JSON.stringify({ collect: { source: { kind: 'synthetic', durationSeconds: 9 } } }),
    );
    expect(complaint(await edgeguard(['train', pipeline]))).toMatch(/run the stage preprocess first/);
  });

  it('a pipeline that is not there', async () => {
    expect(complaint(await edgeguard(['collect', 'wrng'], { cwd: join(folder, 'ws') }))).toMatch(
      /no pipeline of this name.*there are: wrong/,
    );
  });
});

const noFull = existsSync('/dev/full') ? '' : ' (skipped: no /dev/full)';

describe.skipIf(noFull)(`a full disk${noFull}`, () => {
  it.each([
    ['alerts', () => ['detect', detector, capture, '--threshold', '-1', '--output', '/dev/full']],
    ['flows as CSV', () => ['meter', capture, '--output', '/dev/full']],
    ['flows as Arrow', () => ['meter', capture, '--format', 'arrow', '--output', '/dev/full']],
  ])('%s to a file', async (_, args) => {
    expect(complaint(await edgeguard(args()))).toMatch(/\/dev\/full: the disk is full/);
  });

  it.each([
    ['alerts', () => ['detect', detector, capture, '--threshold', '-1', '--quiet']],
    ['flows', () => ['meter', capture]],
    ['a report', () => ['inspect', detector]],
  ])('%s to standard output', async (_, args) => {
    expect(complaint(await edgeguard(args(), { stdoutTo: '/dev/full' }))).toMatch(/standard output: the disk is full/);
  });
});

describe('an output that cannot be', () => {
  it('a folder that is not there', async () => {
    expect(complaint(await edgeguard(['meter', capture, '-o', join(folder, 'no', 'flows.csv')]))).toMatch(
      /no such file or folder/,
    );
    expect(complaint(await edgeguard(['synth', '-o', join(folder, 'no', 'x.pcap'), '--duration', '5']))).toMatch(
      /folder/,
    );
  });

  it('a device, which a finished file would replace', async () => {
    expect(complaint(await edgeguard(['synth', '-o', '/dev/null', '--duration', '5']))).toMatch(
      /\/dev\/null: it is not a regular file/,
    );
  });
});

describe('a reader that closes early', () => {
  it('ends the command without a word', async () => {
    const ended = await edgeguard(['detect', detector, capture, '--threshold', '-1', '--quiet'], {
      started: (child) => child.stdout?.once('data', () => child.stdout?.destroy()),
    });
    expect(ended.code).toBe(0);
    expect(ended.stderr).not.toMatch(/EPIPE|Error/);
  });
});

function withDetector(command: string, path: string): string[] {
  return command === 'detect' ? ['detect', detector, path] : [command, path];
}

it('the good files are good', async () => {
  expect((await edgeguard(['detect', detector, capture])).code).toBe(0);
  expect(readFileSync(capture).length).toBeGreaterThan(20_001);
});
