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
        'no row has the label "Background", which collect.source.label.normal lists',
        'test.csv: line 4: column bytes: "many" is not a number',
      ],
      inputs: { 'train.csv.gz': sha256(packed), 'test.csv': sha256(test) },
    });
  });

  it('warns of a normal label that no row has, and refuses a table without a normal row', async () => {
    const label = { column: 'category', normal: ['Normal', 'Benign', 'Bening'] };
    const location = await newPipeline({ source: { ...source, paths: ['test.csv'], label } });
    await writeFile(join(location.pipelineFolder, 'test.csv'), test);
    const { notes } = await runCollection(location);
    expect(notes[0]).toBe('no row has the label "Bening", which collect.source.label.normal lists');

    const wrong = await newPipeline({
      source: { ...source, paths: ['test.csv'], label: { ...label, normal: ['ok'] } },
    });
    await writeFile(join(wrong.pipelineFolder, 'test.csv'), test);
    await expect(runCollection(wrong)).rejects.toThrow(
      'collect.source.label.normal: no row has a label of ok; name labels of column "category": Normal, Benign, DDoS, Theft',
    );
  });

  it.each([
    ['category,row,sport,dur,bytes,proto\n', 'test.csv: it has no rows; name tables with rows'],
    [
      'category,row,sport,dur,bytes,proto\nNormal,1\n',
      'test.csv: all its rows are malformed, 1 in number, such as test.csv: line 2: 2 cells where 6 are expected',
    ],
    ['PK\u0003\u0004;\u0000,\u0001\n', 'test.csv: its first line is not text; name delimited text in UTF-8'],
    [
      test.replaceAll(',', ';'),
      'its header is a single column where "," delimits; set collect.source.delimiter to ";"',
    ],
  ])('refuses %j in one line', async (content, message) => {
    const location = await newPipeline({ source: { ...source, paths: ['test.csv'] } });
    await writeFile(join(location.pipelineFolder, 'test.csv'), content);
    await expect(runCollection(location)).rejects.toThrow(message);
    expect(existsSync(join(location.artifacts, 'collect'))).toBe(false);
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
