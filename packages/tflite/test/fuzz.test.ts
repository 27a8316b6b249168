import { expect, it } from 'vitest';
import { fuzz, targets } from '../scripts/fuzz-core.mjs';
import * as engines from '../src/engines/index.ts';
import * as root from '../src/index.ts';
import * as metadata from '../src/metadata/index.ts';
import * as quantize from '../src/quantize/index.ts';

const SECONDS = process.env['EDGEGUARD_LONG_TESTS'] === '1' ? 60 : 3;

it(
  `${SECONDS} s of damaged files: every one is read or refused, none crashes or hangs a reader`,
  { timeout: 120_000 },
  () => {
    const api = { root, metadata, quantize, engines };
    const { files, accepted, findings } = fuzz({
      targets: targets(api),
      seed: 20_240_502,
      milliseconds: SECONDS * 1000,
      slowest: 2000,
      expected: (error) => error instanceof root.TfliteError,
    });
    console.log(`${files} damaged files, ${accepted} accepted`);
    expect(findings.map((finding) => `${finding.target}: ${finding.problem}`)).toEqual([]);
    // The fuzzer must reach behind the first check: some damage is harmless.
    expect(accepted).toBeGreaterThan(files / 50);
  },
);
