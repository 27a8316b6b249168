/** Frames longer than this are taken as a sign of corruption. libpcap's own limit is 256 KiB for most link types. */
export const MAX_CAPTURED_LENGTH = 1 << 20;

/** Last second whose nanoseconds fit into an int64 timestamp. */
export const MAX_SECONDS = 9_223_372_035;

/** Reads the records of one capture format out of whatever piece of the file is at hand. */
export interface RecordReader {
  readonly format: 'pcap' | 'pcapng';
  /** Bytes, counted from the first one that `read` did not consume, without which it cannot go on. */
  readonly needed: number;
  /** True when the next byte would lie inside a record whose beginning was consumed. */
  readonly insideRecord: boolean;
  /** False until the file's own header was read. */
  readonly started: boolean;
  /** Set when the record at the position that `read` returned cannot be right. */
  readonly problem: string | undefined;

  readonly packets: number;
  readonly capturedBytes: number;
  readonly wireBytes: number;
  readonly withoutTime: number;
  readonly timeOutOfRange: number;

  /**
   * Reads all whole records of `bytes[start..end)`, gives their frames to the sink, and returns the position after
   * the last of them. Given at least `needed` bytes it consumes some, raises `needed`, or sets `problem`.
   */
  read(bytes: Uint8Array, start: number, end: number): number;

  /** Packets by link type so far. */
  linkTypes(): Map<number, number>;
}
