// Probes the TCP ports 1 to COUNT of a host, as a scanner that connects does: node scan-ports.mjs HOST COUNT
import { connect } from 'node:net';

const [host, count] = process.argv.slice(2);
const AT_ONCE = 64;
let next = 1;

/** @returns {Promise<void>} */
function probe(/** @type {number} */ port) {
  return new Promise((resolve) => {
    const socket = connect(port, host);
    socket.on('connect', () => socket.destroy());
    socket.on('error', () => undefined);
    socket.on('close', () => resolve());
  });
}

async function worker() {
  while (next <= Number(count)) await probe(next++);
}

await Promise.all(Array.from({ length: AT_ONCE }, worker));
