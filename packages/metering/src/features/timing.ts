import { deviation, family, quotient, seconds, share } from './feature.ts';

/** Gaps are the times between neighbouring packets of one direction. */
const GAP_SCALE = 1e-4;

export const TIMING = family('timing', [
  seconds(GAP_SCALE, {
    name: 'forward_gap_mean',
    description: 'mean time between packets from the source',
    formula: 'time from first to last forward packet / (forward packets - 1); 0 for fewer than 2',
    shows: 'floods, slow HTTP',
    value: (r) => quotient(r.forwardDuration, r.forwardPackets - 1),
  }),
  seconds(GAP_SCALE, {
    name: 'forward_gap_deviation',
    description: 'standard deviation of the time between packets from the source',
    formula: 'population standard deviation; 0 for fewer than 3 packets',
    shows: 'keep-alives and beacons inside a connection',
    value: (r) => deviation(r.forwardPackets - 1, r.forwardDuration, r.forwardGapSquares),
  }),
  seconds(GAP_SCALE, {
    name: 'forward_gap_max',
    description: 'longest time between packets from the source',
    formula: 'maximum; 0 for fewer than 2 packets',
    shows: 'slow HTTP, low-and-slow channels',
    value: (r) => r.forwardGapMax,
  }),
  seconds(GAP_SCALE, {
    name: 'backward_gap_mean',
    description: 'mean time between packets from the destination',
    formula: 'time from first to last backward packet / (backward packets - 1); 0 for fewer than 2',
    shows: 'overloaded or throttling servers',
    value: (r) => quotient(r.backwardDuration, r.backwardPackets - 1),
  }),
  seconds(GAP_SCALE, {
    name: 'backward_gap_deviation',
    description: 'standard deviation of the time between packets from the destination',
    formula: 'population standard deviation; 0 for fewer than 3 packets',
    shows: 'interactive sessions where none are usual',
    value: (r) => deviation(r.backwardPackets - 1, r.backwardDuration, r.backwardGapSquares),
  }),
  seconds(GAP_SCALE, {
    name: 'response_time',
    description: 'time from the first packet of the source to the first answer',
    formula: 'first backward packet - first packet; 0 without an answer',
    shows: 'overloaded servers, tarpits, relays',
    value: (r) => r.responseTime,
  }),
  share({
    name: 'idle_share',
    description: 'share of the duration spent in pauses longer than a second',
    formula: 'sum of pauses > 1 s / duration; 0 without duration',
    shows: 'command channels that wait, slow HTTP',
    value: (r) => Math.min(1, quotient(r.idleTime, r.duration)),
  }),
]);
