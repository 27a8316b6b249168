import { bytes, count, family, quotient, share } from './feature.ts';

export const SOURCE_WINDOW = family('source-window', [
  count('flow', {
    name: 'source_flows_10s',
    description: 'flows started by the source in 10 s',
    formula: 'flow starts in the window',
    shows: 'fast scans, password guessing, floods by a source',
    value: (r) => r.windows.sourceFlows10s,
  }),
  count('flow', {
    name: 'source_flows_10min',
    description: 'flows started by the source in 10 min',
    formula: 'flow starts in the window',
    shows: 'steady scans, worms',
    value: (r) => r.windows.sourceFlows10min,
  }),
  count('host', {
    name: 'source_destinations_60s',
    description: 'distinct hosts to which the source started flows in 60 s',
    formula: 'exact up to the cap per host, then saturated',
    shows: 'horizontal scans, worm-like spread',
    value: (r) => r.windows.sourceDestinations60s,
  }),
  count('host', {
    name: 'source_destinations_1h',
    description: 'distinct hosts to which the source started flows in 1 h',
    formula: 'exact up to the cap per host, then saturated',
    shows: 'slow horizontal scans',
    value: (r) => r.windows.sourceDestinations1h,
  }),
  count('port', {
    name: 'source_ports_60s',
    description: 'distinct destination ports of flows started by the source in 60 s',
    formula: 'exact up to the cap per host, then saturated; by protocol',
    shows: 'vertical scans',
    value: (r) => r.windows.sourcePorts60s,
  }),
  count('port', {
    name: 'source_ports_1h',
    description: 'distinct destination ports of flows started by the source in 1 h',
    formula: 'exact up to the cap per host, then saturated; by protocol',
    shows: 'slow vertical scans',
    value: (r) => r.windows.sourcePorts1h,
  }),
  share({
    name: 'source_unanswered_share_60s',
    description: 'share of the flows started by the source in 60 s that nobody has answered',
    formula: 'unanswered flow starts / flow starts in the window; 0 without any',
    shows: 'scans',
    value: (r) => quotient(r.windows.sourceUnanswered60s, r.windows.sourceFlows60s),
  }),
  share({
    name: 'source_unanswered_share_1h',
    description: 'share of the flows started by the source in 1 h that nobody has answered',
    formula: 'unanswered flow starts / flow starts in the window; 0 without any',
    shows: 'slow scans',
    value: (r) => quotient(r.windows.sourceUnanswered1h, r.windows.sourceFlows1h),
  }),
  bytes({
    name: 'source_bytes_10min',
    description: 'IP bytes sent by the source in flows that it started, in 10 min',
    formula: 'sum over the records emitted in the window',
    shows: 'exfiltration over many flows',
    value: (r) => r.windows.sourceBytes10min,
  }),
]);

export const DESTINATION_WINDOW = family('destination-window', [
  count('flow', {
    name: 'destination_flows_10s',
    description: 'flows started to the destination in 10 s',
    formula: 'flow starts in the window',
    shows: 'floods, password guessing',
    value: (r) => r.windows.destinationFlows10s,
  }),
  count('flow', {
    name: 'destination_flows_10min',
    description: 'flows started to the destination in 10 min',
    formula: 'flow starts in the window',
    shows: 'distributed password guessing, floods',
    value: (r) => r.windows.destinationFlows10min,
  }),
  count('host', {
    name: 'destination_sources_60s',
    description: 'distinct hosts that started flows to the destination in 60 s',
    formula: 'exact up to the cap per host, then saturated',
    shows: 'distributed and spoofed floods',
    value: (r) => r.windows.destinationSources60s,
  }),
  share({
    name: 'destination_unanswered_share_60s',
    description: 'share of the flows to the destination in 60 s that it has not answered',
    formula: 'unanswered flow starts / flow starts in the window; 0 without any',
    shows: 'spoofed floods, hosts that fail',
    value: (r) => quotient(r.windows.destinationUnanswered60s, r.windows.destinationFlows60s),
  }),
  share({
    name: 'destination_half_open_share_60s',
    description: 'share of the flows to the destination in 60 s whose TCP handshake was not completed',
    formula: 'flow starts with SYN and without completed handshake or RST / flow starts in the window; 0 without any',
    shows: 'SYN floods',
    value: (r) => quotient(r.windows.destinationHalfOpen60s, r.windows.destinationFlows60s),
  }),
]);

export const PAIR_WINDOW = family('pair-window', [
  count('flow', {
    name: 'pair_flows_60s',
    description: 'flows started by this source to this destination in 60 s',
    formula: 'flow starts in the window',
    shows: 'password guessing, vertical scans',
    value: (r) => r.windows.pairFlows60s,
  }),
  count('flow', {
    name: 'pair_flows_1h',
    description: 'flows started by this source to this destination in 1 h',
    formula: 'flow starts in the window',
    shows: 'slow password guessing, beaconing',
    value: (r) => r.windows.pairFlows1h,
  }),
  bytes({
    name: 'pair_bytes_1h',
    description: 'IP bytes in both directions of flows from this source to this destination in 1 h',
    formula: 'sum over the records emitted in the window',
    shows: 'exfiltration to one place in many flows',
    value: (r) => r.windows.pairBytes1h,
  }),
  share({
    name: 'pair_regularity',
    description: 'how equal the times between contacts of source and destination are',
    formula:
      '1 / (1 + deviation / mean) of the times between flow starts at least 1 s apart, moving over about eight; 0 for fewer than 4',
    shows: 'beaconing',
    window: 'about the last eight contacts',
    value: (r) => r.windows.pairRegularity,
  }),
]);

export const SENSOR_WINDOW = family('sensor-window', [
  count('flow', {
    name: 'sensor_flows_10s',
    description: 'all flows started in 10 s',
    formula: 'flow starts in the window',
    shows: 'floods with spoofed sources, outbreaks',
    value: (r) => r.windows.sensorFlows10s,
  }),
  share({
    name: 'sensor_unanswered_share_60s',
    description: 'share of all flows started in 60 s that nobody has answered',
    formula: 'unanswered flow starts / flow starts in the window; 0 without any',
    shows: 'spread-out scans, outages',
    value: (r) => quotient(r.windows.sensorUnanswered60s, r.windows.sensorFlows60s),
  }),
]);
