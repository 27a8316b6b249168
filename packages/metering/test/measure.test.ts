import { expect, it } from 'vitest';
import { TrafficClock } from '../src/clock.ts';
import { FLOW_KEY_WORDS } from '../src/flow-table/flow-key.ts';
import {
  DN_PACKETS,
  DN_PAYLOAD_PACKETS,
  DN_STRIDE,
  D_PUSH,
  FLOW_NUMBERS,
  FLOW_WORDS,
} from '../src/flow-table/flow-layout.ts';
import { addPacket } from '../src/flow-table/measure.ts';
import { RecordTable } from '../src/flow-table/record-table.ts';
import { fillRecord } from '../src/records/fill-record.ts';
import { FlowRecord } from '../src/records/flow-record.ts';
import { decodeFrame } from '../src/wire/decode.ts';
import { DecodedPacket } from '../src/wire/decoded-packet.ts';
import { ACK, PSH, ethernet, ipv4, tcp } from './support/packets.ts';

it('counts more packets of a flow than an integer of 32 bits holds', () => {
  const table = new RecordTable(1, FLOW_KEY_WORDS, FLOW_WORDS, FLOW_NUMBERS);
  const slot = table.insert(new Int32Array(FLOW_KEY_WORDS), 0);
  const packet = new DecodedPacket();
  const frame = Uint8Array.from(
    ethernet(0x0800, ipv4('10.0.0.1', '10.0.0.2', 6, tcp(1, 2, { flags: ACK | PSH, payload: 1 }))),
  );
  expect(decodeFrame(packet, 1, frame, 0, frame.length, frame.length, true)).toBe(0);
  const before = 2 ** 33 - 1;
  for (const direction of [0, 1]) {
    table.numbers[direction * DN_STRIDE + DN_PACKETS] = before;
    table.numbers[direction * DN_STRIDE + DN_PAYLOAD_PACKETS] = before;
    for (let k = 0; k < 2; k++)
      addPacket(table.words, table.numbers, 0, 0, packet, direction, 60, Float64Array.of(1e9));
  }
  table.words[D_PUSH] = 2 ** 31 - 1;
  addPacket(table.words, table.numbers, 0, 0, packet, 0, 60, Float64Array.of(1e9));
  const record = new FlowRecord();
  fillRecord(record, table, slot, new TrafficClock(), 1e9);
  expect(record).toMatchObject({
    forwardPackets: before + 3,
    backwardPackets: before + 2,
    forwardPayloadPackets: before + 3,
    push: 2 ** 31 + 2,
  });
});
