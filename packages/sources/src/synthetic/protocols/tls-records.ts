import type { Random } from '../engine/random.ts';
import { ByteBuilder } from '../wire/byte-builder.ts';
import { bytesContent, type Content, opaqueContent, repeatedContent } from '../wire/content.ts';

export const HTTPS_PORT = 443;

const HANDSHAKE = 22;
const CHANGE_CIPHER_SPEC = [20, 3, 3, 0, 1, 1];
const APPLICATION_DATA = 23;
const LARGEST_RECORD = 16_384;
const RECORD_HEADER = 5;
const TLS_1_2 = 0x0303;
const TLS_1_3 = 0x0304;
const X25519 = 0x001d;

/** A TLS 1.3 client hello with server name, versions, groups, key share and ALPN (RFC 8446, section 4.1.2). */
export function clientHello(serverName: string, random: Random): Content {
  return bytesContent(
    handshake(1, 0x0301, (hello) => {
      hello.u16(TLS_1_2).random(32, random);
      hello.sized(1, (id) => id.random(32, random));
      hello.sized(2, (suites) => suites.u16(0x1301, 0x1302, 0x1303, 0xc02b, 0xc02f));
      hello.sized(1, (compression) => compression.u8(0));
      hello.sized(2, (extensions) => {
        extension(extensions, 0, (e) => e.sized(2, (list) => list.u8(0).sized(2, (name) => name.text(serverName))));
        extension(extensions, 10, (e) => e.sized(2, (groups) => groups.u16(X25519, 0x0017)));
        extension(extensions, 13, (e) => e.sized(2, (schemes) => schemes.u16(0x0403, 0x0804, 0x0401)));
        extension(extensions, 16, (e) =>
          e.sized(2, (list) => list.sized(1, (p) => p.text('h2')).sized(1, (p) => p.text('http/1.1'))),
        );
        extension(extensions, 43, (e) => e.sized(1, (versions) => versions.u16(TLS_1_3, TLS_1_2)));
        extension(extensions, 51, (e) =>
          e.sized(2, (shares) => shares.u16(X25519).sized(2, (key) => key.random(32, random))),
        );
      });
    }).build(),
  );
}

/** Server hello, change cipher spec, and an encrypted record the size of a certificate chain. */
export function serverHello(random: Random): Content {
  const head = handshake(2, TLS_1_2, (hello) => {
    hello.u16(TLS_1_2).random(32, random);
    hello.sized(1, (id) => id.random(32, random));
    hello.u16(0x1301).u8(0);
    hello.sized(2, (extensions) => {
      extension(extensions, 43, (e) => e.u16(TLS_1_3));
      extension(extensions, 51, (e) => e.u16(X25519).sized(2, (key) => key.random(32, random)));
    });
  });
  head.raw(CHANGE_CIPHER_SPEC);
  const encrypted = random.integer(1800, 4200);
  head.u8(APPLICATION_DATA).u16(TLS_1_2, encrypted);
  return opaqueContent(head.build(), head.length + encrypted, random);
}

/** The client's change cipher spec and encrypted Finished. */
export function clientFinished(random: Random): Content {
  const head = new ByteBuilder().raw(CHANGE_CIPHER_SPEC).u8(APPLICATION_DATA).u16(TLS_1_2, 53);
  return opaqueContent(head.build(), head.length + 53, random);
}

/** Encrypted application data of about `length` bytes: one record, or full ones. */
export function applicationData(length: number, random: Random): Content {
  const size = Math.max(24, Math.round(length));
  if (size <= LARGEST_RECORD) {
    return opaqueContent(applicationHeader(size), RECORD_HEADER + size, random);
  }
  return repeatedContent(
    applicationHeader(LARGEST_RECORD),
    RECORD_HEADER + LARGEST_RECORD,
    Math.ceil(size / LARGEST_RECORD),
    random,
  );
}

function applicationHeader(length: number): Uint8Array {
  return new ByteBuilder().u8(APPLICATION_DATA).u16(TLS_1_2, length).build();
}

function handshake(type: number, version: number, fill: (body: ByteBuilder) => void): ByteBuilder {
  return new ByteBuilder()
    .u8(HANDSHAKE)
    .u16(version)
    .sized(2, (record) => record.u8(type).sized(3, fill));
}

function extension(extensions: ByteBuilder, type: number, fill: (body: ByteBuilder) => void): void {
  extensions.u16(type).sized(2, fill);
}
