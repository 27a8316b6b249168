import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { expandCapturePaths, readCapture, readCaptures } from '../../src/index.ts';
import { writePcap } from '../support/independent-writer.ts';
import { RecordingSink } from '../support/recording-sink.ts';

let folder: string;
const shape = { bigEndian: false, nano: false, modified: false, linkType: 1 };

function capture(count: number): Uint8Array {
  return writePcap(
    shape,
    Array.from({ length: count }, (_, i) => ({
      seconds: i,
      nanoseconds: 0,
      bytes: new Uint8Array(1000).fill(i),
      wireLength: 1500,
    })),
  );
}

function file(name: string, bytes: Uint8Array): string {
  const path = join(folder, name);
  writeFileSync(path, bytes);
  return path;
}

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'edgeguard-captures-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

describe('readCapture', () => {
  it('reads a file larger than its buffers, packet by packet as written', async () => {
    const sink = new RecordingSink();
    const path = file('large.pcap', capture(5000));
    const report = await readCapture(path, sink);
    expect(report).toMatchObject({
      path,
      packets: 5000,
      capturedBytes: 5_000_000,
      wireBytes: 7_500_000,
      interrupted: false,
    });
    expect(sink.packets.every((one, i) => one.seconds === i && one.bytes.every((byte) => byte === (i & 0xff)))).toBe(
      true,
    );
  });

  it('reads the same from gzip, also of several members', async () => {
    const bytes = capture(600);
    const plain = new RecordingSink();
    const packed = new RecordingSink();
    await readCapture(file('plain.pcap', bytes), plain);
    const members = Buffer.concat([gzipSync(bytes.subarray(0, 100_001)), gzipSync(bytes.subarray(100_001))]);
    const report = await readCapture(file('packed.pcap.gz', members), packed);
    expect(report.packets).toBe(600);
    expect(JSON.stringify(packed.packets)).toBe(JSON.stringify(plain.packets));
  });

  it('reads a cut gzip up to the cut', async () => {
    const random = writePcap(
      shape,
      Array.from({ length: 500 }, (_, i) => ({
        seconds: i,
        nanoseconds: 0,
        bytes: Uint8Array.from({ length: 300 }, (_, j) => (i * 7919 + j * j * 31) >> 3),
        wireLength: 300,
      })),
    );
    const packed = gzipSync(random);
    const report = await readCapture(file('cut.pcap.gz', packed.subarray(0, packed.length / 2)), new RecordingSink());
    expect(report.packets).toBeGreaterThan(10);
    expect(report.packets).toBeLessThan(500);
    expect(report.truncated).toMatchObject({ kind: 'cut', problem: 'the compressed file ends early' });
  });

  it('stops at damaged gzip data', async () => {
    const packed = gzipSync(capture(3000), { level: 0 });
    packed[packed.length - 6] ^= 1;
    const report = await readCapture(file('damaged.pcap.gz', packed), new RecordingSink());
    expect(report.truncated).toMatchObject({ kind: 'corrupt' });
  });

  it('names what is missing, a directory, empty or no capture', async () => {
    const sink = new RecordingSink();
    mkdirSync(join(folder, 'directory'), { recursive: true });
    await expect(readCapture(join(folder, 'absent.pcap'), sink)).rejects.toThrow(
      /absent\.pcap: no such file or folder; check the path/,
    );
    await expect(readCapture(join(folder, 'directory'), sink)).rejects.toThrow(
      /this is a directory; name the captures/,
    );
    await expect(readCapture(file('empty.pcap', new Uint8Array(0)), sink)).rejects.toThrow(/the file is empty/);
    await expect(readCapture(file('x.txt', Buffer.from('hello')), sink)).rejects.toThrow(
      /x\.txt: byte 0: this is not a/,
    );
    await expect(readCapture(file('bad.gz', gzipSync('hello')), sink)).rejects.toThrow(/byte 0: this is not a capture/);
  });

  it.skipIf(process.getuid?.() === 0)(
    'names an unreadable file (skipped as root, who may read everything)',
    async () => {
      const path = file('secret.pcap', capture(1));
      chmodSync(path, 0);
      await expect(readCapture(path, new RecordingSink())).rejects.toThrow(/secret\.pcap: it may not be read/);
    },
  );

  it('refuses or reads zstd by name', async () => {
    const path = file('x.pcap.zst', new Uint8Array([0x28, 0xb5, 0x2f, 0xfd, 0, 0]));
    await expect(readCapture(path, new RecordingSink())).rejects.toThrow(
      /x\.pcap\.zst.*(zstd|compressed|capture header)/,
    );
  });

  it('ends after the present chunk when asked to, and waits for a slow consumer', async () => {
    const controller = new AbortController();
    const seen: number[] = [];
    const report = await readCapture(file('long.pcap', capture(5000)), new RecordingSink(), {
      signal: controller.signal,
      onProgress: async ({ packets, bytesRead, totalBytes }) => {
        await new Promise((resolve) => setTimeout(resolve, 5));
        seen.push(packets);
        expect(bytesRead).toBeLessThanOrEqual(totalBytes!);
        if (seen.length === 2) controller.abort();
      },
    });
    expect(seen).toHaveLength(2);
    // Given up inside a record, which is not how a cut capture ends.
    expect(report).toMatchObject({ interrupted: true, packets: seen[1], truncated: undefined });
  });

  it('reads standard input in whatever pieces it comes', () => {
    const program = `
      import { readCaptures } from ${JSON.stringify(join(import.meta.dirname, '../../dist/index.js'))};
      let bytes = 0;
      const report = await readCaptures(['-'], { packet(l, s, n, b, offset, captured) { bytes += b[offset + captured - 1]; } });
      console.log(JSON.stringify({ packets: report.packets, bytes, path: report.files[0].path }));`;
    const result = spawnSync(process.execPath, ['--input-type=module', '-e', program], { input: capture(1000) });
    expect(result.stderr.toString()).toBe('');
    const expected = Array.from({ length: 1000 }, (_, i) => i & 0xff).reduce((sum, byte) => sum + byte, 0);
    expect(JSON.parse(result.stdout.toString())).toEqual({ packets: 1000, bytes: expected, path: '-' });
  });
});

describe('paths and patterns', () => {
  it('expands patterns in a fixed order, each file once', async () => {
    const root = join(folder, 'tree');
    for (const name of [
      'b.pcap',
      'a.pcap',
      'a1.pcapng',
      'sub/c.pcap',
      'sub/deep/d.pcap',
      '.hidden.pcap',
      'we[ird].pcap',
    ]) {
      mkdirSync(join(root, name, '..'), { recursive: true });
      writeFileSync(join(root, name), capture(1));
    }
    const names = async (...patterns: string[]) =>
      (await expandCapturePaths(patterns.map((pattern) => join(root, pattern)))).map((path) =>
        path.slice(root.length + 1),
      );
    expect(await names('*.pcap')).toEqual(['a.pcap', 'b.pcap', 'we[ird].pcap']);
    expect(await names('?.pcap')).toEqual(['a.pcap', 'b.pcap']);
    expect(await names('**/*.pcap')).toEqual(['a.pcap', 'b.pcap', 'sub/c.pcap', 'sub/deep/d.pcap', 'we[ird].pcap']);
    expect(await names('**/d.pcap')).toEqual(['sub/deep/d.pcap']);
    expect(await names('sub/**')).toEqual(['sub/c.pcap', 'sub/deep/d.pcap']);
    expect(await names('[!a].{pcap,pcapng}')).toEqual(['b.pcap']);
    expect(await names('a*.{pcapng,pcap}')).toEqual(['a.pcap', 'a1.pcapng']);
    expect(await names('we[ird].pcap')).toEqual(['we[ird].pcap']);
    expect(await names('b.pcap', '*.pcap')).toEqual(['b.pcap', 'a.pcap', 'we[ird].pcap']);
    const report = await readCaptures([join(root, '**/*.pcap')], new RecordingSink());
    expect(report).toMatchObject({ packets: 5, files: { length: 5 } });
  });

  it('says when a pattern matches nothing', async () => {
    await expect(expandCapturePaths([join(folder, 'nothing-*.pcap')])).rejects.toThrow(/no file matches this pattern/);
  });
});
