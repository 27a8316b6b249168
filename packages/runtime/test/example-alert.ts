import type { Alert, AlertFlow } from '../src/index.ts';

/** An alert as the detector of packets raises it, for tests of formats. */
export const EXAMPLE_ALERT: Alert & { readonly flow: AlertFlow } = {
  time: 1_767_600_061_000_042_999n,
  flow: {
    source: { address: '10.0.0.66', port: 40_022 },
    destination: { address: '10.0.0.7', port: 22 },
    protocol: 6,
    start: 1_767_600_060_000_000_001n,
    packetsToServer: 12,
    packetsToClient: 9,
    bytesToServer: 1200,
    bytesToClient: 2400,
  },
  ageClass: '1s',
  coldStart: false,
  score: 41.25,
  threshold: 9.5,
  pValue: 0.00025,
  detector: { name: 'demo', precision: 'int8', model: 'a'.repeat(64) },
  contributions: [
    {
      feature: 'src_ports_60s',
      description: 'distinct destination ports of the source in 60 s',
      unit: '{port}',
      family: 'source-window',
      share: 0.75,
      drop: 32.75,
      observed: 412,
      expected: 3,
      usual: [1, 6],
      nearest: [1, 6],
      evidence: 'beyond-clip',
      text: 'distinct destination ports of the source in 60 s: 412, expected 1 to 6',
    },
    {
      feature: 'protocol',
      description: 'IP protocol',
      unit: '1',
      family: 'protocol',
      share: 0.25,
      drop: 9,
      observed: 'tcp',
      expected: 'udp',
      text: 'IP protocol: tcp, expected udp',
    },
  ],
  causes: ['src_ports_60s', 'protocol'],
  families: [
    { family: 'source-window', share: 0.75 },
    { family: 'protocol', share: 0.25 },
  ],
  counterfactual: {
    score: 8.5,
    threshold: 9.5,
    changes: [
      {
        feature: 'src_ports_60s',
        from: 412,
        to: 3,
        text: 'distinct destination ports of the source in 60 s: 3 instead of 412',
      },
    ],
  },
  reason: 'distinct destination ports of the source in 60 s: 412, expected 1 to 6',
  severity: 2,
  finding: { type: 'scan-like', support: 0.75, technique: 'T1046' },
};

const { flow: _1, ageClass: _2, coldStart: _3, ...aboutNothing } = EXAMPLE_ALERT;

/** An alert about a row of a table. */
export const ROW_ALERT: Alert = {
  ...aboutNothing,
  row: { table: 'rows.csv', number: 7 },
  finding: { type: 'unknown', support: 0 },
};
