// @ts-check
/**
 * Mutation fuzzing of captures, through the reader and the meter. Plain JavaScript, because both a command and the tests
 * run it, the one from the built packages and the other from their sources.
 */

/** A repeatable generator of whole numbers below a limit (mulberry32). @param {number} seed */
export function numbers(seed) {
  let state = seed;
  return (/** @type {number} */ below) => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) % below;
  };
}

/** Bytes that lengths, versions and types often turn on. */
const INTERESTING = [0, 1, 3, 4, 11, 12, 13, 0x7f, 0x80, 0xff];

/**
 * A damaged copy of a capture: up to six changed bytes, now and then cut short or continued with a part of itself.
 *
 * @param {Uint8Array} source
 * @param {(below: number) => number} below
 * @returns {Uint8Array}
 */
export function mutate(source, below) {
  let capture = source.slice();
  for (let changes = 1 + below(6); changes > 0; changes--) {
    const at = below(capture.length);
    capture[at] = below(2) === 0 ? below(256) : INTERESTING[below(INTERESTING.length)];
    if (below(20) === 0 && capture.length > 1) capture = capture.slice(0, 1 + below(capture.length));
    if (below(20) === 0) {
      const again = capture.subarray(below(capture.length));
      const longer = new Uint8Array(capture.length + again.length);
      longer.set(capture);
      longer.set(again, capture.length);
      capture = longer;
    }
  }
  return capture;
}

/** What names for people may be made of, and a JA4. */
const NAME = /^[!-@[-~]{0,253}$/;
const JA4 = /^t[0-9a-z]{2}[di]\d{4}[0-9A-Za-z]{2}_[0-9a-f]{12}_[0-9a-f]{12}$/;

/** Tables so small that evictions are part of what is tried. */
const TABLES = { maxFlows: 64, maxHosts: 64, hashSeed: 1 };

/**
 * @typedef {object} Finding
 * @property {number} number Of the case: its seed.
 * @property {number} capture Index of the capture that was damaged.
 * @property {string} problem
 * @property {Uint8Array} bytes
 */

/**
 * Feeds damaged captures, in chunks of random size, to the reader, and its packets to a meter. A finding is an error that
 * is no refusal, a packet that breaks the contract of `PacketSink`, a packet that is neither metered nor skipped under a
 * name, a feature that is not finite, a name that is no plain text, ARP that is not accounted for, or a case that takes too long.
 *
 * @param {object} options
 * @param {readonly Uint8Array[]} options.captures
 * @param {number} options.seed Number of the first case; the others follow.
 * @param {number} options.milliseconds How long to go on.
 * @param {number} options.slowest Milliseconds of CPU time that one case may take.
 * @param {Pick<typeof import('../src/index.ts'), 'CaptureDecoder'>} options.sources
 * @param {Pick<typeof import('@edgeguard/metering'), 'FlowMeter'>} options.metering
 * @param {(error: unknown) => boolean} options.isRefusal
 * @returns {{ cases: number, packets: number, records: number, refused: number, findings: Finding[] }}
 */
export function fuzzCaptures({ captures, seed, milliseconds, slowest, sources, metering, isRefusal }) {
  const end = performance.now() + milliseconds;
  const result = { cases: 0, packets: 0, records: 0, refused: 0, findings: /** @type {Finding[]} */ ([]) };
  while (performance.now() < end && result.findings.length < 10) {
    const number = seed + result.cases++;
    const below = numbers(number);
    const capture = below(captures.length);
    const bytes = mutate(captures[capture], below);
    const fail = (/** @type {string} */ problem) => result.findings.push({ number, capture, problem, bytes });
    // CPU time: on a busy machine the clock says more about the neighbours.
    const start = process.cpuUsage();
    try {
      if (!meterOnce(bytes, below)) result.refused++;
    } catch (error) {
      fail(String(error instanceof Error ? error.stack : error));
    }
    const used = process.cpuUsage(start);
    const took = (used.user + used.system) / 1000;
    if (took > slowest) fail(`took ${Math.round(took)} ms of CPU time`);
  }
  return result;

  /** @param {Uint8Array} bytes @param {(below: number) => number} below @returns {boolean} false for a refusal */
  function meterOnce(bytes, below) {
    let messages = 0;
    const meter = new metering.FlowMeter(
      TABLES,
      {
        record(record) {
          result.records++;
          if (!record.features.every(Number.isFinite)) throw new Error(`features ${record.features.join(' ')}`);
          const { dnsName, tlsServerName, ja4, sourceName, destinationName } = record;
          for (const name of [dnsName, tlsServerName, sourceName, destinationName]) {
            if (!NAME.test(name)) throw new Error(`name ${JSON.stringify(name)}`);
          }
          if (ja4 !== '' && !JA4.test(ja4)) throw new Error(`JA4 ${ja4}`);
        },
      },
      { arp: () => messages++ },
    );
    let packets = 0;
    const decoder = new sources.CaptureDecoder(
      {
        packet(linkType, seconds, nanoseconds, frame, offset, captured, wire) {
          packets++;
          const right =
            offset >= 0 &&
            captured >= 0 &&
            offset + captured <= frame.length &&
            captured <= bytes.length &&
            wire >= captured &&
            seconds >= 0 &&
            Number.isSafeInteger(seconds) &&
            nanoseconds >= 0 &&
            nanoseconds < 1e9 &&
            Number.isInteger(nanoseconds);
          if (!right) throw new Error('a packet breaks the contract of PacketSink');
          meter.packet(linkType, seconds, nanoseconds, frame, offset, captured, wire);
        },
      },
      'damaged capture',
    );
    let accepted = true;
    try {
      const size = 1 + below(bytes.length);
      for (let at = 0; at < bytes.length; at += size) {
        if (!decoder.push(bytes.subarray(at, at + size))) break;
      }
      decoder.end();
    } catch (error) {
      if (!isRefusal(error)) throw error;
      accepted = false;
    }
    meter.finish();
    const { packets: metered, skipped, activeFlows } = meter.statistics();
    const counted = Object.values(skipped).reduce((sum, count) => sum + count, metered);
    if (counted !== packets) throw new Error(`${packets} packets went in, ${counted} were counted`);
    const arp = meter.arpStatistics();
    // ARP inside a tunnel is told of, and the tunnel's packet metered.
    if (arp === null || arp.messages !== messages || messages + arp.malformed !== (skipped.arp ?? 0) + arp.tunnelled) {
      throw new Error(
        `${skipped.arp} ARP packets and ${arp?.tunnelled} in tunnels, ${messages} messages, ${arp?.malformed} malformed`,
      );
    }
    if (activeFlows !== 0) throw new Error(`${activeFlows} flows are left after the end`);
    result.packets += packets;
    return accepted;
  }
}
