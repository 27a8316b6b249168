/** A format that people try to read as a capture, and what to do with it. */
export interface ForeignFormat {
  readonly name: string;
  readonly remedy: string;
}

const EDITCAP = 'convert it with: editcap -F pcapng INPUT OUTPUT.pcapng';
const UNPACK = 'unpack it first';

/** Magic numbers as the formats' own documents and the `file` database give them; latin1, from the first byte. */
const MAGICS: readonly (ForeignFormat & { readonly magic: string })[] = [
  { magic: 'snoop\0', name: 'a snoop capture (RFC 1761)', remedy: EDITCAP },
  { magic: 'GMBU', name: 'a Microsoft Network Monitor capture', remedy: EDITCAP },
  { magic: 'RTSS', name: 'a Microsoft Network Monitor 1 capture', remedy: EDITCAP },
  { magic: 'TRSNIFF', name: 'a Sniffer capture', remedy: EDITCAP },
  { magic: '\xa1\xb2\x34\xcd', name: 'a pcap variant that libpcap does not read either', remedy: EDITCAP },
  { magic: 'PK\x03\x04', name: 'a zip archive', remedy: UNPACK },
  { magic: 'BZh', name: 'a bzip2 file', remedy: `${UNPACK}: bunzip2 FILE` },
  { magic: '\xfd7zXZ', name: 'an xz file', remedy: `${UNPACK}: unxz FILE` },
  { magic: '\x04\x22\x4d\x18', name: 'an lz4 file', remedy: `${UNPACK}: unlz4 FILE` },
  { magic: 'ARROW1', name: 'an Arrow file', remedy: 'give the capture that it was made from' },
];

/** Names the format of a file that is no capture, where its first bytes (four at least) tell. */
export function nameForeignFormat(bytes: Uint8Array): ForeignFormat | undefined {
  const head = Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.length, 16)).toString('latin1');
  return MAGICS.find(({ magic }) => head.startsWith(magic.slice(0, head.length)));
}
