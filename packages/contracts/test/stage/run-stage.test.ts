import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { CONFIG_FILE, ManifestSchema, readJson, sha256, UsageError, UserError } from '../../src/index.ts';
import {
  createLogger,
  dataFolder,
  Interrupted,
  parseStageLocation,
  runStage,
  type StageDefinition,
  type StageLocation,
  STAGES,
} from '../../src/stage/index.ts';
import { temporaryFolders } from '../support/temporary-folder.ts';

const newFolder = temporaryFolders();
const quiet = createLogger('test', 'silent');
const never = new AbortController().signal;

async function newPipeline(
  config: unknown = { seed: 7, collect: { source: { kind: 'synthetic', durationSeconds: 60 } } },
) {
  const root = await newFolder();
  const pipelineFolder = join(root, 'data', 'pipelines', 'demo');
  await mkdir(pipelineFolder, { recursive: true });
  await writeFile(join(root, 'nx.json'), '{}');
  await writeFile(join(pipelineFolder, CONFIG_FILE), JSON.stringify(config));
  return { root, location: parseStageLocation('collect', ['--pipeline', pipelineFolder]) };
}

const collect: StageDefinition = {
  target: 'collect',
  run: async ({ output }) => {
    await writeFile(output.path('flows.arrow'), 'rows');
    return { rows: { 'flows.arrow': 3 }, dropped: { 'not IP': 1 } };
  },
};

describe('runStage', () => {
  it('moves a finished stage into place with its provenance', async () => {
    const { root, location } = await newPipeline();
    expect(location.artifacts).toBe(join(root, 'data', 'artifacts', 'demo'));
    await runStage(collect, location, never, quiet);
    const preprocess: StageDefinition = {
      target: 'preprocess',
      run: async ({ input, output }) => {
        await writeFile(output.path('train.arrow'), await readFile(input('collect', 'flows.arrow')));
        return { rows: { 'train.arrow': 3 } };
      },
    };
    await runStage(preprocess, location, never, quiet);
    const manifest = await readJson(join(location.artifacts, 'preprocess', 'manifest.json'), ManifestSchema);
    expect(manifest).toMatchObject({
      stage: 'preprocess',
      seed: 7,
      inputs: { 'collect/flows.arrow': sha256('rows') },
      outputs: { 'train.arrow': sha256('rows') },
      config: { transform: { clipSigma: 5 } },
    });
    expect(JSON.stringify(manifest)).not.toContain(root);
  });

  it('writes the same manifest wherever it runs', async () => {
    const texts: string[] = [];
    for (const _ of [1, 2]) {
      const { location } = await newPipeline();
      await runStage(collect, location, never, quiet);
      texts.push(await readFile(join(location.artifacts, 'collect', 'manifest.json'), 'utf8'));
    }
    expect(texts[0]).toBe(texts[1]);
  });

  it('says which stage to run for an input that is missing, and leaves nothing', async () => {
    const { location } = await newPipeline();
    const train: StageDefinition = {
      target: 'train',
      run: async ({ input }) => ({ rows: { x: input('preprocess', 'train.arrow').length } }),
    };
    await expect(runStage(train, location, never, quiet)).rejects.toThrow(UserError);
    await expect(runStage(train, location, never, quiet)).rejects.toThrow('run the stage preprocess first');
    expect(await readdir(location.artifacts)).toEqual([]);
  });

  it('keeps the earlier output and leaves no partial one when the stage fails or is interrupted', async () => {
    const { location } = await newPipeline();
    await runStage(collect, location, never, quiet);
    const before = await readdir(join(location.artifacts, 'collect'));
    const controller = new AbortController();
    const interrupted: StageDefinition = {
      target: 'collect',
      run: async ({ output }) => {
        await writeFile(output.path('flows.arrow'), 'half');
        controller.abort();
        return { rows: {} };
      },
    };
    await expect(runStage(interrupted, location, controller.signal, quiet)).rejects.toThrow(Interrupted);
    const failing: StageDefinition = { target: 'collect', run: () => Promise.reject(new Error('disk on fire')) };
    await expect(runStage(failing, location, never, quiet)).rejects.toThrow('disk on fire');
    expect(await readdir(location.artifacts)).toEqual(['collect']);
    expect(await readdir(join(location.artifacts, 'collect'))).toEqual(before);
    expect(await readFile(join(location.artifacts, 'collect', 'flows.arrow'), 'utf8')).toBe('rows');
  });

  it('refuses to read what is not an input of the stage', async () => {
    const { location } = await newPipeline();
    const peeking: StageDefinition = {
      target: 'train',
      run: async ({ input }) => ({ rows: { x: input('collect', 'flows.arrow').length } }),
    };
    await expect(runStage(peeking, location, never, quiet)).rejects.toThrow('train may not read outputs of collect');
  });

  it('names the config that is missing or wrong', async () => {
    const { location } = await newPipeline({ collect: { source: { kind: 'synthetic' } } });
    const config = join(location.pipelineFolder, CONFIG_FILE);
    await expect(runStage(collect, location, never, quiet)).rejects.toThrow(
      `${config}: collect.source.durationSeconds: invalid input: expected number, received undefined`,
    );
    const elsewhere: StageLocation = { ...location, pipelineFolder: join(location.pipelineFolder, 'none') };
    await expect(runStage(collect, elsewhere, never, quiet)).rejects.toThrow('no such file or folder');
  });
});

describe('the command line of a stage', () => {
  it('needs a pipeline and takes nothing unknown', () => {
    expect(() => parseStageLocation('train', [])).toThrow(UsageError);
    expect(() => parseStageLocation('train', ['--pipline', 'x'])).toThrow(UsageError);
    expect(() => parseStageLocation('train', ['x'])).toThrow(UsageError);
  });

  it('takes another folder for artifacts', async () => {
    const { location } = await newPipeline();
    const argv = ['--pipeline', location.pipelineFolder, '--artifacts', join(location.pipelineFolder, 'out')];
    expect(parseStageLocation('train', argv).artifacts).toBe(join(location.pipelineFolder, 'out'));
  });
});

describe('the list of stages', () => {
  it('is in order: each reads only stages before it', () => {
    const seen = new Set<string>();
    for (const stage of STAGES) {
      expect(stage.after.filter((target) => !seen.has(target))).toEqual([]);
      seen.add(stage.target);
    }
    expect([...seen]).toEqual(['collect', 'preprocess', 'train', 'convert', 'evaluate', 'detect']);
  });
});

describe('the data folder', () => {
  it('is what EDGEGUARD_DATA names, else beside the workspace', () => {
    expect(dataFolder('/a/edgeguard', { EDGEGUARD_DATA: '/data' })).toBe('/data');
    expect(dataFolder('/a/edgeguard', {})).toBe('/a/shared/data');
  });
});
