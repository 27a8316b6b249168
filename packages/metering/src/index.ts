export type { PacketSink } from './packet-sink.ts';
