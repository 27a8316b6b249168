import { existsSync } from 'node:fs';
import { mkdir, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { type DigestDocument, DIGEST_FILE } from '../documents/digest.ts';
import { type ManifestDocument, MANIFEST_FILE } from '../documents/manifest.ts';
import { formatJson } from '../documents/json.ts';
import { fileProblem } from './file-problem.ts';
import { sha256OfFile } from './sha256.ts';

/** Files of a target that take no part in its digest: what they say may vary between machines or runs. */
const OUTSIDE_DIGEST: ReadonlySet<string> = new Set([DIGEST_FILE, MANIFEST_FILE, 'verification.json']);

/**
 * The output folder of a stage. Everything is written into `<folder>.partial`; {@link commit} adds `digest.json` and
 * `manifest.json` and renames it into place. A stage that is interrupted leaves the old output, or none, and a
 * `.partial` folder that the next run removes.
 */
export class OutputFolder {
  readonly folder: string;
  readonly #partial: string;

  private constructor(folder: string) {
    this.folder = folder;
    this.#partial = `${folder}.partial`;
  }

  /** Starts anew, removing what an interrupted run left. */
  static async create(folder: string): Promise<OutputFolder> {
    const output = new OutputFolder(folder);
    try {
      await mkdir(dirname(folder), { recursive: true });
      await rm(output.#partial, { recursive: true, force: true });
      await mkdir(output.#partial);
    } catch (error) {
      throw fileProblem(output.#partial, error);
    }
    return output;
  }

  /** Where to write the file `name` until {@link commit}. */
  path(name: string): string {
    return join(this.#partial, name);
  }

  /** Writes a JSON document. */
  async writeJson(name: string, document: unknown): Promise<void> {
    try {
      await writeFile(this.path(name), formatJson(document));
    } catch (error) {
      throw fileProblem(this.path(name), error);
    }
  }

  /** Adds digest and manifest and moves the folder into place. Returns the digest. */
  async commit(manifest: Omit<ManifestDocument, 'format' | 'version' | 'outputs'>): Promise<DigestDocument> {
    const digest = await digestOfFolder(this.#partial);
    const full: ManifestDocument = { format: 'edgeguard.manifest', version: 1, ...manifest, outputs: digest.files };
    await this.writeJson(DIGEST_FILE, digest);
    await this.writeJson(MANIFEST_FILE, full);
    try {
      // A folder cannot be renamed onto one that is not empty. Between these two steps there is no output, never half of one.
      if (existsSync(this.folder)) await rm(this.folder, { recursive: true });
      await rename(this.#partial, this.folder);
    } catch (error) {
      throw fileProblem(this.folder, error);
    }
    return digest;
  }

  /** Gives the output up. */
  async discard(): Promise<void> {
    await rm(this.#partial, { recursive: true, force: true });
  }
}

/** SHA-256 of every file in a folder but those that may vary between runs. */
async function digestOfFolder(folder: string): Promise<DigestDocument> {
  const names = (await readdir(folder, { recursive: true, withFileTypes: true }))
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
    .filter((name) => !OUTSIDE_DIGEST.has(name))
    .sort();
  const files: Record<string, string> = {};
  for (const name of names) files[name] = await sha256OfFile(join(folder, name));
  return { format: 'edgeguard.digest', version: 1, files };
}
