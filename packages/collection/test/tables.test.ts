import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { featuresOf, sha256 } from '@edgeguard/contracts';
import { describe, expect, it } from 'vitest';
import { newPipeline, readFlows, runCollection, tally } from './support/pipeline.ts';

const source = {
  kind: 'table',
  paths: ['train.csv.gz', 'test.csv'],
  columns: [
    { name: 'row', role: 'ignore' },
    { name: 'sport', role: 'ignore' },
    { name: 'dur', kind: 'seconds' },
    { name: 'bytes', kind: 'bytes' },
    { name: 'proto', kind: 'category' },
  ],
  label: { column: 'category', normal: ['Normal', 'Benign', 'Background'] },
};

const train = 'row,sport,dur,bytes,proto\n1,5000,0.5,100,tcp\n2,5001,0.25,200,udp\n';
const test = `category,row,sport,dur,bytes,proto
Normal,1,1,1,10,tcp
Benign,2,2,2,20,tcp
DDoS,3,3,3,many,tcp
DDoS,4,4,4,40,sctp
Theft,5,5,5,50,tcp
`;

describe('collecting tables', () => {
  it('needs a config and nothing else', async () => {
    const location = await newPipeline({ source });
    const packed = gzipSync(train);
    await writeFile(join(location.pipelineFolder, 'train.csv.gz'), packed);
    await writeFile(join(location.pipelineFolder, 'test.csv'), test);
    const manifest = await runCollection(location);
    const flows = await readFlows(location);
    expect(featuresOf(flows.reader.schema).map(({ name }) => name)).toEqual(['dur', 'bytes', 'proto']);
    expect(tally(flows.strings('label'))).toEqual({ normal: 4, attack: 2 });
    expect(tally(flows.strings('attack'))).toEqual({ '': 4, DDoS: 1, Theft: 1 });
    expect(tally(flows.strings('file'))).toEqual({ 'train.csv.gz': 2, 'test.csv': 4 });
    expect(manifest).toMatchObject({
      rows: { 'flows.arrow': 6 },
      dropped: { 'malformed: no value in column bytes': 1 },
      notes: [
        'train.csv.gz has no label column: its rows are taken as normal',
        'test.csv: line 4: column bytes: "many" is not a number',
      ],
      inputs: { 'train.csv.gz': sha256(packed), 'test.csv': sha256(test) },
    });
  });

  it.each([
    [{ ...source, header: false, columns: [] }, 'collect.source.columns: a table without a header needs them all'],
    [
      { ...source, columns: [{ name: 'dur', kind: 'second' }] },
      'collect.source.columns.0.kind: invalid option: expected one of "count"',
    ],
    [{ ...source, lable: {} }, 'collect.source.lable: unknown key; did you mean "label"?'],
    [{ ...source, paths: ['none.csv'] }, 'none.csv: no such file or folder'],
  ])('refuses %j in one line and leaves nothing', async (wrong, message) => {
    const location = await newPipeline({ source: wrong });
    await expect(runCollection(location)).rejects.toThrow(message);
    expect(existsSync(join(location.artifacts, 'collect'))).toBe(false);
    expect(existsSync(join(location.artifacts, 'collect.partial'))).toBe(false);
  });
});
