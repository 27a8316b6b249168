import { type ChildProcess, spawn } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import type { Readable, Writable } from 'node:stream';

const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];

/** Path of a Chromium: the one that EDGEGUARD_CHROMIUM names, or the first on the PATH; undefined where there is none. */
export function findChromium(): string | undefined {
  const named = process.env['EDGEGUARD_CHROMIUM'];
  if (named) return named;
  const folders = (process.env['PATH'] ?? '').split(delimiter).filter(Boolean);
  return NAMES.flatMap((name) => folders.map((folder) => join(folder, name))).find((path) => {
    try {
      accessSync(path, constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

const FLAGS = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--disable-dev-shm-usage',
  '--remote-debugging-pipe',
];

interface Message {
  readonly id?: number;
  readonly method?: string;
  readonly params?: Record<string, unknown>;
  readonly result?: Record<string, unknown>;
  readonly error?: { readonly message: string };
}

/** A page in a real browser, driven over the DevTools protocol by the browser's debugging pipe. */
export class Page {
  /** Errors of the console, of scripts and of the content security policy, in the order in which they came. */
  readonly errors: string[] = [];
  readonly #process: ChildProcess;
  readonly #profile: string;
  readonly #waiting = new Map<number, { resolve: (result: never) => void; reject: (error: Error) => void }>();
  #next = 1;
  #session: string | undefined;
  #loaded: (() => void) | undefined;
  #rest = '';

  private constructor(child: ChildProcess, profile: string) {
    this.#process = child;
    this.#profile = profile;
    (child.stdio[4] as Readable).setEncoding('utf8').on('data', (chunk: string) => this.#receive(chunk));
    child.once('exit', () => {
      for (const { reject } of this.#waiting.values()) reject(new Error('the browser has ended'));
    });
  }

  static async launch(binary: string): Promise<Page> {
    const profile = await mkdtemp(join(tmpdir(), 'edgeguard-chromium-'));
    const child = spawn(binary, [...FLAGS, `--user-data-dir=${profile}`, 'about:blank'], {
      stdio: ['ignore', 'ignore', 'ignore', 'pipe', 'pipe'],
      detached: true,
    });
    const page = new Page(child, profile);
    const { targetId } = await page.#send<{ targetId: string }>('Target.createTarget', { url: 'about:blank' });
    const attached = await page.#send<{ sessionId: string }>('Target.attachToTarget', { targetId, flatten: true });
    page.#session = attached.sessionId;
    for (const domain of ['Page', 'Runtime', 'Log']) await page.#send(`${domain}.enable`, {});
    return page;
  }

  /** Opens a URL and waits until it has loaded and the charts have been drawn. */
  async open(url: string): Promise<void> {
    const loaded = new Promise<void>((resolve) => (this.#loaded = resolve));
    await this.#send('Page.navigate', { url });
    await loaded;
    await this.settle();
  }

  /** Waits for two frames. */
  async settle(): Promise<void> {
    await this.evaluate('new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => done(0))))');
  }

  /** The value of an expression in the page. */
  async evaluate<T>(expression: string): Promise<T> {
    const answer = await this.#send<{
      result: { value: T };
      exceptionDetails?: { exception?: { description?: string } };
    }>('Runtime.evaluate', { expression, awaitPromise: true, returnByValue: true });
    if (answer.exceptionDetails) throw new Error(answer.exceptionDetails.exception?.description ?? 'the page threw');
    return answer.result.value;
  }

  async resize(width: number, height: number): Promise<void> {
    await this.#send('Emulation.setDeviceMetricsOverride', { width, height, deviceScaleFactor: 1, mobile: false });
    await this.settle();
  }

  async prefer(scheme: 'dark' | 'light', media: '' | 'print' = ''): Promise<void> {
    const features = [{ name: 'prefers-color-scheme', value: scheme }];
    await this.#send('Emulation.setEmulatedMedia', { media, features });
    await this.settle();
  }

  async mouse(type: 'mousePressed' | 'mouseMoved' | 'mouseReleased', x: number, y: number): Promise<void> {
    const buttons = type === 'mouseReleased' ? 0 : 1;
    await this.#send('Input.dispatchMouseEvent', { type, x, y, button: 'left', buttons, clickCount: 1 });
  }

  async press(key: string): Promise<void> {
    const code = { ArrowLeft: 37, ArrowRight: 39, ' ': 32, Tab: 9 }[key] ?? 0;
    const event = { key, code: key === ' ' ? 'Space' : key, windowsVirtualKeyCode: code };
    await this.#send('Input.dispatchKeyEvent', { type: 'keyDown', ...event, ...(key === ' ' ? { text: ' ' } : {}) });
    await this.#send('Input.dispatchKeyEvent', { type: 'keyUp', ...event });
  }

  /** A PNG of the whole page. */
  async screenshot(): Promise<Buffer> {
    const { data } = await this.#send<{ data: string }>('Page.captureScreenshot', { captureBeyondViewport: true });
    return Buffer.from(data, 'base64');
  }

  /** The page as it comes out of a printer, as a PDF. */
  async print(): Promise<Buffer> {
    const { data } = await this.#send<{ data: string }>('Page.printToPDF', { printBackground: false });
    return Buffer.from(data, 'base64');
  }

  async close(): Promise<void> {
    const ended = new Promise((resolve) => this.#process.once('exit', resolve));
    // The whole process group: a browser is several processes.
    if (this.#process.pid !== undefined && this.#process.exitCode === null) process.kill(-this.#process.pid, 'SIGKILL');
    await ended;
    await rm(this.#profile, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
  }

  #send<T = unknown>(method: string, params: Record<string, unknown>): Promise<T> {
    const id = this.#next++;
    const message = { id, method, params, ...(this.#session ? { sessionId: this.#session } : {}) };
    return new Promise<T>((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
      (this.#process.stdio[3] as Writable).write(`${JSON.stringify(message)}\0`);
    });
  }

  #receive(chunk: string): void {
    const messages = (this.#rest + chunk).split('\0');
    this.#rest = messages.pop()!;
    for (const text of messages) this.#handle(JSON.parse(text) as Message);
  }

  #handle({ id, method, params, result, error }: Message): void {
    if (id !== undefined) {
      const waiting = this.#waiting.get(id);
      this.#waiting.delete(id);
      if (error) waiting?.reject(new Error(error.message));
      else waiting?.resolve(result as never);
    } else if (method === 'Page.loadEventFired') this.#loaded?.();
    else if (method === 'Runtime.exceptionThrown') this.errors.push(JSON.stringify(params));
    else if (method === 'Runtime.consoleAPICalled' && params!['type'] === 'error')
      this.errors.push(JSON.stringify(params));
    else if (method === 'Log.entryAdded' && (params!['entry'] as { level: string }).level === 'error') {
      this.errors.push(JSON.stringify(params));
    }
  }
}
