import { ByteBuilder } from '../wire/byte-builder.ts';
import { bytesContent, type Content } from '../wire/content.ts';

export const NTP_PORT = 123;

/** Seconds from 1900 (NTP) to 1970 (Unix). */
const NTP_EPOCH = 2_208_988_800;
const CLIENT_MODE = 0x23;
const SERVER_MODE = 0x24;

/** A client's request (RFC 5905, section 7.3), sent at `time`: nanoseconds since the Unix epoch. */
export function ntpRequest(time: bigint): Content {
  const message = new ByteBuilder().u8(CLIENT_MODE, 0, 6, 0xe9).u32(0, 0, 0, 0, 0, 0, 0, 0, 0);
  return bytesContent(timestamp(message, time).build());
}

/** The answer of a server of stratum 2 to a request that was sent at `requested`, given at `time`. */
export function ntpResponse(requested: bigint, time: bigint): Content {
  const message = new ByteBuilder().u8(SERVER_MODE, 2, 6, 0xe9).u32(0x00000280, 0x00000340, 0xc6120001);
  timestamp(message, time - 30_000_000_000n);
  timestamp(message, requested);
  timestamp(message, time);
  return bytesContent(timestamp(message, time).build());
}

function timestamp(message: ByteBuilder, time: bigint): ByteBuilder {
  const fraction = ((time % 1_000_000_000n) << 32n) / 1_000_000_000n;
  return message.u32(Number(time / 1_000_000_000n) + NTP_EPOCH, Number(fraction));
}
