// Sends frames out of an interface through a packet socket: a small replacement of tcpreplay for tests.
// usage: node send-frames.mjs INTERFACE, frames on standard input, each as a 32-bit little-endian length and its bytes.
import koffi from 'koffi';

const AF_PACKET = 17;
const SOCK_RAW = 3;
const SOCKADDR_LL_BYTES = 20;
/** Frames sent before the receiver gets a chance to empty its ring. */
const BURST = 64;

const libc = koffi.load('libc.so.6');
const socket = libc.func('int socket(int, int, int)');
const sendto = libc.func('long sendto(int, void *, size_t, int, void *, uint32_t)');
const interfaceIndex = libc.func('uint32_t if_nametoindex(str)');

const index = interfaceIndex(process.argv[2]);
const descriptor = socket(AF_PACKET, SOCK_RAW, 0);
if (index === 0 || descriptor < 0) throw new Error(`cannot send on ${process.argv[2]}`);
const address = Buffer.alloc(SOCKADDR_LL_BYTES);
address.writeUInt16LE(AF_PACKET, 0);
address.writeInt32LE(index, 4);

const input = Buffer.concat(await process.stdin.toArray());
let sent = 0;
for (let at = 0; at < input.length;) {
  const length = input.readUInt32LE(at);
  const frame = input.subarray(at + 4, at + 4 + length);
  if (Number(sendto(descriptor, frame, length, 0, address, SOCKADDR_LL_BYTES)) !== length) {
    throw new Error(`frame ${sent} of ${length} bytes was not sent`);
  }
  at += 4 + length;
  if (++sent % BURST === 0) await new Promise((resolve) => setTimeout(resolve, 2));
}
process.stdout.write(`${sent}\n`);
