import { StringDecoder } from 'node:string_decoder';

/** A longer line is no log record; its rest is passed over. */
export const LONGEST_LINE = 1 << 20;

/** Cuts a stream of UTF-8 bytes into lines, without their ends; memory is bounded by the longest line. */
export class LineSplitter {
  /** Lines that were longer than {@link LONGEST_LINE}. */
  tooLong = 0;

  readonly #onLine: (line: string) => void;
  readonly #decoder = new StringDecoder('utf8');
  #rest = '';
  #skipping = false;

  constructor(onLine: (line: string) => void) {
    this.#onLine = onLine;
  }

  push(chunk: Uint8Array): void {
    const text = this.#decoder.write(Buffer.from(chunk.buffer, chunk.byteOffset, chunk.length));
    let start = 0;
    for (let end = text.indexOf('\n'); end >= 0; end = text.indexOf('\n', start)) {
      this.#line(this.#rest + text.slice(start, end));
      this.#rest = '';
      start = end + 1;
    }
    this.#rest += text.slice(start);
    if (this.#rest.length > LONGEST_LINE) {
      if (!this.#skipping) this.tooLong++;
      this.#skipping = true;
      this.#rest = '';
    }
  }

  /** Takes what is left as the last line, where a file does not end with a line end. */
  end(): void {
    const rest = this.#rest + this.#decoder.end();
    this.#rest = '';
    if (rest !== '') this.#line(rest);
  }

  #line(line: string): void {
    if (this.#skipping) {
      this.#skipping = false;
      return;
    }
    if (line.length > LONGEST_LINE) {
      this.tooLong++;
      return;
    }
    const text = line.endsWith('\r') ? line.slice(0, -1) : line;
    if (text !== '') this.#onLine(text);
  }
}
