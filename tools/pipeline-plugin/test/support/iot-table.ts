import { SeededRandom } from '@edgeguard/transform';

/** Each class with its rows and the middle of its duration, packets per second, ratio and flag. */
const CLASSES = [
  { name: 'ARP_poisoning', rows: 900, middle: [300, 40, 0.9, 1], service: '-' },
  { name: 'DOS_SYN_Hping', rows: 4000, middle: [0.01, 90_000, 0, 1], service: '-' },
  { name: 'MQTT_Publish', rows: 700, middle: [32, 0.3, 0.8, 1], service: 'mqtt' },
  { name: 'Nmap_scan', rows: 600, middle: [0.002, 900, 1, 0], service: 'ssl' },
  { name: 'Thing_Speak', rows: 2600, middle: [4, 3, 0.6, 1], service: 'http' },
  { name: 'Wipro_bulb', rows: 400, middle: [9, 12, 0.5, 0], service: 'dns' },
] as const;

/** A made-up table of IoT flows as labs publish them: sorted by class, with an index, ports and awkward names. */
export function iotTable(seed: number): string {
  const random = new SeededRandom(seed);
  const lines = [',id.orig_p,id.resp_p,proto,service,flow_duration,fwd_pkts/s,down/up ratio,SYN flag,Traffic Type'];
  for (const { name, rows, middle, service } of CLASSES) {
    for (let row = 0; row < rows; row++) {
      const spread = 0.5 + random.uniform();
      const port = 1024 + random.below(60_000);
      const cells = [
        lines.length - 1,
        port,
        service === 'dns' ? 53 : 1883,
        service === 'dns' ? 'udp' : 'tcp',
        service,
        (middle[0] * spread).toFixed(6),
        // As tables have it where the duration is nothing.
        random.below(100) === 0 ? 'Infinity' : ((middle[1] / spread) * (0.9 + 0.2 * random.uniform())).toFixed(4),
        Math.min(1, middle[2] * (0.8 + 0.4 * random.uniform())).toFixed(3),
        middle[3],
        name,
      ];
      lines.push(cells.join(','));
    }
  }
  return `${lines.join('\n')}\n`;
}
