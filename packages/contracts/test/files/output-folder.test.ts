import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import {
  DIGEST_FILE,
  DigestSchema,
  MANIFEST_FILE,
  ManifestSchema,
  OutputFolder,
  readJson,
  sha256,
  writeAtomically,
} from '../../src/index.ts';
import { builtModule } from '../support/built-module.ts';
import { temporaryFolders } from '../support/temporary-folder.ts';

const newFolder = temporaryFolders();

const MANIFEST = {
  stage: 'collect',
  config: {},
  seed: 1,
  inputs: {},
  rows: { 'flows.arrow': 2 },
  dropped: {},
  versions: {},
  notes: [],
};

describe('an output folder', () => {
  it('appears whole, with the digests of its files', async () => {
    const folder = join(await newFolder(), 'artifacts', 'demo', 'collect');
    const output = await OutputFolder.create(folder);
    await writeFile(output.path('flows.arrow'), 'rows');
    await mkdir(output.path('weights'));
    await writeFile(output.path('weights/1.bin'), 'weights');
    await output.writeJson('verification.json', { seconds: 1.25 });
    expect(existsSync(folder)).toBe(false);
    const digest = await output.commit(MANIFEST);
    expect(digest.files).toEqual({ 'flows.arrow': sha256('rows'), 'weights/1.bin': sha256('weights') });
    expect(await readJson(join(folder, DIGEST_FILE), DigestSchema)).toEqual(digest);
    const manifest = await readJson(join(folder, MANIFEST_FILE), ManifestSchema);
    expect(manifest).toMatchObject({ ...MANIFEST, outputs: digest.files });
    expect(await readdir(join(folder, '..'))).toEqual(['collect']);
  });

  it('replaces what was there before and nothing sooner than at the end', async () => {
    const folder = join(await newFolder(), 'collect');
    const first = await OutputFolder.create(folder);
    await writeFile(first.path('old'), 'old');
    await first.commit(MANIFEST);
    const second = await OutputFolder.create(folder);
    await writeFile(second.path('new'), 'new');
    expect(await readdir(folder)).toContain('old');
    await second.commit(MANIFEST);
    expect((await readdir(folder)).sort()).toEqual([DIGEST_FILE, MANIFEST_FILE, 'new']);
  });

  it('leaves nothing when it is given up', async () => {
    const parent = await newFolder();
    const output = await OutputFolder.create(join(parent, 'collect'));
    await writeFile(output.path('half'), 'half');
    await output.discard();
    expect(await readdir(parent)).toEqual([]);
  });

  it('leaves nothing that looks finished when the process is killed, and the next run clears up', async () => {
    const parent = await newFolder();
    const folder = join(parent, 'collect');
    const program = `
      import { OutputFolder } from ${JSON.stringify(builtModule('index.js'))};
      import { writeFileSync } from 'node:fs';
      const output = await OutputFolder.create(${JSON.stringify(folder)});
      writeFileSync(output.path('half.arrow'), 'half');
      console.log('writing');
      setInterval(() => {}, 1000);
    `;
    const child = spawn(process.execPath, ['--input-type=module', '-e', program], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    await once(child.stdout, 'data');
    child.kill('SIGKILL');
    await once(child, 'exit');
    expect(existsSync(folder)).toBe(false);
    expect(existsSync(join(`${folder}.partial`, 'half.arrow'))).toBe(true);
    const output = await OutputFolder.create(folder);
    await writeFile(output.path('flows.arrow'), 'rows');
    expect((await output.commit(MANIFEST)).files).toEqual({ 'flows.arrow': sha256('rows') });
    expect(await readdir(parent)).toEqual(['collect']);
  });

  it('names the place where it may not be written', async () => {
    const file = join(await newFolder(), 'file');
    await writeFile(file, '');
    await expect(OutputFolder.create(join(file, 'collect'))).rejects.toThrow(
      `${file}/collect.partial: something else of that name is in the way`,
    );
  });
});

describe('writeAtomically', () => {
  it('replaces a file and leaves no partial one', async () => {
    const folder = await newFolder();
    const path = join(folder, 'policy.json');
    await writeAtomically(path, 'one');
    await writeAtomically(path, Buffer.from('two'));
    expect(await readFile(path, 'utf8')).toBe('two');
    expect(await readdir(folder)).toEqual(['policy.json']);
  });

  it('keeps the old file when the new one cannot be put in its place', async () => {
    const folder = await newFolder();
    const path = join(folder, 'taken');
    await mkdir(join(path, 'by a folder'), { recursive: true });
    await expect(writeAtomically(path, 'new')).rejects.toThrow(path);
    expect(await readdir(folder)).toEqual(['taken']);
    expect(await readdir(path)).toEqual(['by a folder']);
  });
});
