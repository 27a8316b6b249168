/**
 * UDP ports from 20,000 on that Wireshark 4 takes for a protocol (`tshark -G decodes`). What comes from an ephemeral port, or goes
 * to a random one, is none of these protocols, and would be shown as a malformed packet of it.
 */
const TAKEN_FOR_A_PROTOCOL = new Set([
  20_000, 20_561, 22_222, 23_272, 24_576, 24_577, 25_826, 26_000, 27_036, 27_500, 27_910, 27_950, 27_951, 27_952,
  27_953, 27_960, 27_961, 27_962, 27_963, 30_030, 32_000, 32_512, 34_962, 34_980, 37_008, 41_170, 44_818, 45_564,
  47_000, 47_808, 49_999, 54_328, 56_000, 56_001, 56_500, 56_501, 57_000, 57_001, 57_032, 57_033, 57_500, 57_501,
  57_532, 57_533, 59_000, 59_001, 59_032, 59_033, 59_500, 59_501, 59_532, 59_533, 60_001,
]);

/** The port, or where it stands for a protocol the next one that does not. */
export function plainPort(port: number): number {
  let plain = port;
  while (TAKEN_FOR_A_PROTOCOL.has(plain)) plain++;
  return plain;
}
