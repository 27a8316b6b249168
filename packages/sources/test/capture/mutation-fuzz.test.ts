import { readFileSync, statSync } from 'node:fs';
import * as metering from '@edgeguard/metering';
import { UserError } from '@edgeguard/contracts';
import { describe, expect, it } from 'vitest';
import { fuzzCaptures } from '../../scripts/fuzz-core.mjs';
import * as sources from '../../src/index.ts';
import {
  block,
  enhancedPacket,
  interfaceDescription,
  join,
  obsoletePacket,
  sectionHeader,
  simplePacket,
  writePcap,
} from '../support/independent-writer.ts';
import { HAS_CAPTURES, NO_DATA, realCaptures } from '../support/real-data.ts';

const SECONDS = process.env['EDGEGUARD_LONG_TESTS'] === '1' ? 60 : 3;

/** Real captures up to this size are damaged: a small file meets more damage. */
const LARGEST = 64 * 1024;

const one = { seconds: 5, nanoseconds: 6000, bytes: Uint8Array.from({ length: 60 }, (_, i) => i), wireLength: 90 };
const written = [
  writePcap({ bigEndian: false, nano: false, modified: false, linkType: 1 }, [one, one, one]),
  writePcap({ bigEndian: true, nano: true, modified: false, linkType: 113 }, [one, one, one]),
  writePcap({ bigEndian: true, nano: false, modified: true, linkType: 1 }, [one, one, one]),
  ...[true, false].map((little) =>
    join([
      sectionHeader(little),
      interfaceDescription(little, 1, 9, 3n),
      enhancedPacket(little, 0, 7n, one),
      block(little, 5, new Uint8Array(30)),
      interfaceDescription(little, 101, 0x8a, 0n),
      obsoletePacket(little, 1, 7n, one),
      simplePacket(little, one.bytes),
      sectionHeader(!little),
      interfaceDescription(!little, 1, 6, 0n),
      enhancedPacket(!little, 0, 7n, one),
    ]),
  ),
];

function fuzz(captures: readonly Uint8Array[]): ReturnType<typeof fuzzCaptures> {
  const result = fuzzCaptures({
    captures,
    seed: 1,
    milliseconds: SECONDS * 1000,
    slowest: 2000,
    sources,
    metering,
    isRefusal: (error) => error instanceof UserError,
  });
  console.log(`${result.cases} damaged captures with ${result.packets} packets, ${result.refused} refused`);
  expect(
    result.findings.map(({ number, capture, problem }) => `case ${number}, capture ${capture}: ${problem}`),
  ).toEqual([]);
  return result;
}

describe(`damaged captures, read and metered for ${SECONDS} s, never crash, hang or lose a packet`, () => {
  it('written ones of every variant', { timeout: (SECONDS + 60) * 1000 }, () => {
    const { cases, packets, refused } = fuzz(written);
    expect(cases).toBeGreaterThan(100);
    expect(packets).toBeGreaterThan(cases / 2);
    expect(refused).toBeGreaterThan(0);
  });

  it.skipIf(!HAS_CAPTURES)(
    `real ones of every protocol${HAS_CAPTURES ? '' : ` (${NO_DATA})`}`,
    { timeout: (SECONDS + 60) * 1000 },
    () => {
      const small = realCaptures().filter((path) => statSync(path).size > 0 && statSync(path).size <= LARGEST);
      const { packets, records } = fuzz(small.map((path) => new Uint8Array(readFileSync(path))));
      // The damage must leave most captures with something to meter.
      expect(packets).toBeGreaterThan(1000);
      expect(records).toBeGreaterThan(100);
    },
  );
});
