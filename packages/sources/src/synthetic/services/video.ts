import type { Process } from '../engine/scheduler.ts';
import { type Device, takePort } from '../network/host.ts';
import { ByteBuilder } from '../wire/byte-builder.ts';
import { opaqueContent } from '../wire/content.ts';
import type { World } from '../world.ts';
import { resolve } from './dns.ts';
import { endTls, exchange, openTls } from './https.ts';
import type { ServiceKind } from './service.ts';

const SEGMENT_SECONDS = 10;
const RTP_PORT = 5004;
const RTP_CLOCK = 90_000;
const FRAMES_PER_SECOND = 15;
const RTP_H264 = 96;

/** A film: one segment after another, each as fast as the line carries it, then a pause. */
export const streaming: ServiceKind = {
  name: 'streaming',
  description: 'video over TLS: a segment every ten seconds from a content network, for minutes',
  *use(world: World, device: Device): Process {
    const { random, network } = world;
    const server = network.peers[random.integer(0, 5)];
    yield* resolve(world, device, server);
    const connection = yield* openTls(world, device, server, server.domain);
    if (connection === undefined) return;
    const size = random.between(60_000, 160_000);
    for (let segments = random.integer(12, 180); segments > 0; segments--) {
      const begun = world.now;
      yield* exchange(world, connection, random.between(300, 500), size * random.between(0.5, 1.5));
      yield Math.max(0.05, SEGMENT_SECONDS - (world.now - begun));
    }
    yield* endTls(world, connection);
  },
};

/** A camera that saw something move: RTP over UDP to the storage server (RFC 3550), one way. */
export const camera: ServiceKind = {
  name: 'camera',
  description: 'clips of cameras that saw something move, as RTP over UDP to the storage server',
  *use(world: World, device: Device): Process {
    const { random, network, wire } = world;
    const port = takePort(device) & ~1;
    const source = random.uint32();
    let sequence = random.integer(0, 0xffff);
    let timestamp = random.uint32();
    for (let frames = random.integer(60, 260); frames > 0; frames--) {
      const packets = random.chance(0.08) ? random.integer(3, 7) : 1;
      for (let left = packets; left > 0; left--) {
        const marker = left === 1 ? 0x80 : 0;
        const head = new ByteBuilder()
          .u8(0x80, marker | RTP_H264)
          .u16(sequence)
          .u32(timestamp, source)
          .build();
        const length = packets > 1 ? 1200 : random.integer(200, 1100);
        wire.udp(device.ipv4, network.storage.ipv4, port, RTP_PORT, opaqueContent(head, length, random));
        sequence = (sequence + 1) & 0xffff;
        yield 0.0002;
      }
      timestamp = (timestamp + RTP_CLOCK / FRAMES_PER_SECOND) >>> 0;
      yield (1 / FRAMES_PER_SECOND) * random.between(0.9, 1.1);
    }
  },
};
