import { WINDOWS } from './window-seconds.ts';

/** What the host windows hold at the instant of emission, this flow included. Arrays follow `WINDOW_SECONDS`. */
export class WindowValues {
  /** Flows that the source started. */
  readonly sourceFlows = new Float64Array(WINDOWS);
  /** Those of them that nobody has answered. */
  readonly sourceUnanswered = new Float64Array(WINDOWS);
  /** Distinct hosts to which the source started flows (60 s and 1 h only). */
  readonly sourceDestinations = new Float64Array(WINDOWS);
  /** Distinct destination ports of flows that the source started (60 s and 1 h only). */
  readonly sourcePorts = new Float64Array(WINDOWS);
  /** IP bytes that the source sent in flows that it started (10 min and 1 h only). */
  readonly sourceBytes = new Float64Array(WINDOWS);
  /** Seconds since the source's first flow. */
  sourceAge = 0;
  /** Flows started to the destination. */
  readonly destinationFlows = new Float64Array(WINDOWS);
  readonly destinationUnanswered = new Float64Array(WINDOWS);
  /** TCP flows to the destination whose handshake began and was not completed. */
  readonly destinationHalfOpen = new Float64Array(WINDOWS);
  /** Distinct hosts that started flows to the destination (60 s and 1 h only). */
  readonly destinationSources = new Float64Array(WINDOWS);
  /** Flows from this source to this destination (60 s and 1 h only). */
  readonly pairFlows = new Float64Array(WINDOWS);
  /** IP bytes in both directions of those flows (10 min and 1 h only). */
  readonly pairBytes = new Float64Array(WINDOWS);
  /** 0 irregular or unknown, towards 1 the more equal the times between contacts are. */
  pairRegularity = 0;
  /** All flows. */
  readonly sensorFlows = new Float64Array(WINDOWS);
  readonly sensorUnanswered = new Float64Array(WINDOWS);
  /** Seconds since the first packet. */
  sensorAge = 0;
}
