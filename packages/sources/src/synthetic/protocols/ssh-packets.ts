import type { Random } from '../engine/random.ts';
import { ByteBuilder } from '../wire/byte-builder.ts';
import { bytesContent, type Content, opaqueContent, textContent } from '../wire/content.ts';

export const SSH_PORT = 22;

const KEXINIT = 20;
const NEWKEYS = 21;
const KEX_ECDH_INIT = 30;
const KEX_ECDH_REPLY = 31;
const NO_BYTES = new Uint8Array(0);
const ALGORITHMS = [
  'curve25519-sha256,ecdh-sha2-nistp256',
  'ssh-ed25519,rsa-sha2-512',
  'chacha20-poly1305@openssh.com,aes256-gcm@openssh.com',
  'chacha20-poly1305@openssh.com,aes256-gcm@openssh.com',
  'hmac-sha2-256-etm@openssh.com',
  'hmac-sha2-256-etm@openssh.com',
  'none',
  'none',
  '',
  '',
];

/** The line with which each side begins (RFC 4253, section 4.2). */
export function sshVersion(software: string): Content {
  return textContent(`SSH-2.0-${software}\r\n`);
}

/** Algorithm negotiation (RFC 4253, section 7.1). */
export function sshKeyExchangeInit(random: Random): Content {
  return packet((body) => {
    body.u8(KEXINIT).random(16, random);
    for (const names of ALGORITHMS) body.sized(4, (list) => list.text(names));
    body.u8(0).u32(0);
  }).content();
}

/** The client's half of the key exchange (RFC 5656). */
export function sshKeyExchangeClient(random: Random): Content {
  return packet((body) => body.u8(KEX_ECDH_INIT).sized(4, (key) => key.random(32, random))).content();
}

/** The server's half, with host key and signature, and its NEWKEYS. */
export function sshKeyExchangeServer(random: Random): Content {
  const reply = packet((body) => {
    body.u8(KEX_ECDH_REPLY);
    body.sized(4, (blob) =>
      blob.sized(4, (name) => name.text('ssh-ed25519')).sized(4, (key) => key.random(32, random)),
    );
    body.sized(4, (key) => key.random(32, random));
    body.sized(4, (blob) =>
      blob.sized(4, (name) => name.text('ssh-ed25519')).sized(4, (sign) => sign.random(64, random)),
    );
  });
  return bytesContent(
    new ByteBuilder()
      .raw(reply.bytes)
      .raw(packet((body) => body.u8(NEWKEYS)).bytes)
      .build(),
  );
}

/** The client's NEWKEYS. */
export function sshNewKeys(): Content {
  return packet((body) => body.u8(NEWKEYS)).content();
}

/** An encrypted packet. */
export function sshEncrypted(length: number, random: Random): Content {
  return opaqueContent(NO_BYTES, length, random);
}

/** A binary packet in the clear: length, padding length, payload, padding to a multiple of eight (RFC 4253, section 6). */
function packet(fill: (body: ByteBuilder) => void): { bytes: Uint8Array; content(): Content } {
  const body = new ByteBuilder();
  fill(body);
  let padding = 8 - ((5 + body.length) % 8);
  if (padding < 4) padding += 8;
  const bytes = new ByteBuilder()
    .u32(1 + body.length + padding)
    .u8(padding)
    .raw(body.build())
    .raw(new Uint8Array(padding))
    .build();
  return { bytes, content: () => bytesContent(bytes) };
}
