/** What the host windows hold at the instant of emission, this flow included. */
export class WindowValues {
  /** Flows that the source started. */
  sourceFlows10s = 0;
  sourceFlows60s = 0;
  sourceFlows10min = 0;
  sourceFlows1h = 0;
  /** Those of them that nobody has answered. */
  sourceUnanswered60s = 0;
  sourceUnanswered1h = 0;
  /** Distinct hosts to which the source started flows. */
  sourceDestinations60s = 0;
  sourceDestinations1h = 0;
  /** Distinct destination ports of flows that the source started. */
  sourcePorts60s = 0;
  sourcePorts1h = 0;
  /** IP bytes that the source sent in flows that it started. */
  sourceBytes10min = 0;

  /** Flows started to the destination. */
  destinationFlows10s = 0;
  destinationFlows60s = 0;
  destinationFlows10min = 0;
  /** Those of them that it has not answered. */
  destinationUnanswered60s = 0;
  /** Those of them whose TCP handshake began and was not completed. */
  destinationHalfOpen60s = 0;
  /** Distinct hosts that started flows to the destination. */
  destinationSources60s = 0;

  /** Flows from this source to this destination. */
  pairFlows60s = 0;
  pairFlows1h = 0;
  /** IP bytes in both directions of those flows. */
  pairBytes1h = 0;
  /** 0 irregular or unknown, towards 1 the more equal the times between contacts are. */
  pairRegularity = 0;

  /** All flows. */
  sensorFlows10s = 0;
  sensorFlows60s = 0;
  sensorUnanswered60s = 0;
  /** Seconds since the first flow. */
  sensorAge = 0;
}
