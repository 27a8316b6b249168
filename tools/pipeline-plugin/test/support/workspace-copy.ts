import { execFileSync, spawnSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

const WORKSPACE = join(dirname(fileURLToPath(import.meta.url)), '..', '..', '..', '..');

/** What Nx did for one task. */
export interface TaskRun {
  readonly id: string;
  /** True when the stage was carried out, false when its output came from the cache or was still in place. */
  readonly ran: boolean;
}

/**
 * A copy of this workspace's tracked files in a folder of its own, with its own Nx cache, in which tests may change
 * anything. Installed packages are linked, those of the workspace to the copy.
 */
export class WorkspaceCopy {
  readonly root: string;

  constructor(label: string) {
    this.root = realpathSync(mkdtempSync(join(tmpdir(), `edgeguard-${label}-`)));
    this.#copyFiles();
    this.#linkModules();
    rmSync(this.path('data/pipelines'), { recursive: true, force: true });
  }

  path(name: string): string {
    return join(this.root, name);
  }

  read(name: string): string {
    return readFileSync(this.path(name), 'utf8');
  }

  write(name: string, content: string): void {
    mkdirSync(dirname(this.path(name)), { recursive: true });
    writeFileSync(this.path(name), content);
  }

  /** Replaces text in a file and fails when it is not there: an edit that changes nothing would prove nothing. */
  edit(name: string, from: string | RegExp, to: string): void {
    const before = this.read(name);
    const after = before.replace(from, to);
    if (after === before) throw new Error(`${name}: the edit changes nothing`);
    this.write(name, after);
  }

  /** Runs targets of all pipelines and says what Nx did for each stage. */
  run(targets: readonly string[], environment: Readonly<Record<string, string>> = {}): TaskRun[] {
    const manifest = join(WORKSPACE, 'node_modules', 'nx', 'package.json');
    const { bin } = JSON.parse(readFileSync(manifest, 'utf8')) as { bin: { nx: string } };
    const program = join(dirname(manifest), bin.nx);
    const record = this.path('.nx/cache/run.json');
    rmSync(record, { force: true });
    const { status, stdout, stderr } = spawnSync(
      process.execPath,
      [program, 'run-many', `--targets=${targets.join(',')}`, '--projects=tag:pipeline', '--output-style=static'],
      {
        cwd: this.root,
        encoding: 'utf8',
        maxBuffer: 64 * 1024 * 1024,
        env: { ...cleanEnvironment(), NX_DAEMON: 'false', NX_TUI: 'false', CI: 'true', ...environment },
      },
    );
    if (status !== 0) throw new Error(`nx failed (${status}):\n${stdout}\n${stderr}`);
    return readTaskRuns(record);
  }

  remove(): void {
    rmSync(this.root, { recursive: true, force: true });
  }

  #copyFiles(): void {
    const listed = execFileSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], {
      cwd: WORKSPACE,
      encoding: 'utf8',
    });
    for (const file of listed.split('\0')) {
      if (file && existsSync(join(WORKSPACE, file))) this.#copy(file);
    }
    // What is built already, with its times, so that the compiler has nothing to do: not the build is tested here.
    for (const group of ['packages', 'apps', 'tools']) {
      for (const name of readdirSync(join(WORKSPACE, group))) {
        if (existsSync(join(WORKSPACE, group, name, 'dist'))) this.#copy(join(group, name, 'dist'));
      }
    }
  }

  #copy(name: string): void {
    cpSync(join(WORKSPACE, name), this.path(name), { recursive: true, preserveTimestamps: true });
  }

  #linkModules(): void {
    const modules = join(WORKSPACE, 'node_modules');
    mkdirSync(this.path('node_modules/@edgeguard'), { recursive: true });
    for (const entry of readdirSync(modules)) {
      if (entry === '@edgeguard' || entry.startsWith('.cache')) continue;
      symlinkSync(join(modules, entry), this.path(join('node_modules', entry)));
    }
    for (const entry of readdirSync(join(modules, '@edgeguard'))) {
      const target = relative(realpathSync(WORKSPACE), realpathSync(join(modules, '@edgeguard', entry)));
      symlinkSync(this.path(target), this.path(join('node_modules/@edgeguard', entry)));
    }
  }
}

/** The environment without what an outer Nx or test runner put there. */
function cleanEnvironment(): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^(NX_|VITEST|NODE_ENV)/.test(name)));
}

function readTaskRuns(record: string): TaskRun[] {
  const { tasks } = JSON.parse(readFileSync(record, 'utf8')) as { tasks: { taskId: string; cacheStatus: string }[] };
  return tasks
    .filter((task) => !task.taskId.endsWith(':build'))
    .map((task) => ({ id: task.taskId, ran: task.cacheStatus === 'cache-miss' }));
}

/** Ids of the stages that were carried out, in order of their names. */
export function stagesRun(tasks: readonly TaskRun[]): string[] {
  return tasks
    .filter((task) => task.ran)
    .map((task) => task.id)
    .sort();
}
