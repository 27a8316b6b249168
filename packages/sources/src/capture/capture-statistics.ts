/** Why and where reading ended before the end of the capture. What came before that byte was read and counts. */
export interface CaptureTruncation {
  /** Offset of the first byte that was not read, in the (uncompressed) capture. */
  readonly atByte: number;
  /** `cut`: the file ends inside a record. `corrupt`: a record states something impossible. */
  readonly kind: 'cut' | 'corrupt';
  /** One sentence for people. */
  readonly problem: string;
}

/** What was read from one capture. */
export interface CaptureStatistics {
  readonly format: 'pcap' | 'pcapng';
  readonly packets: number;
  /** Bytes of frames in the file. */
  readonly capturedBytes: number;
  /** Bytes that the frames had on the wire. */
  readonly wireBytes: number;
  /** Packets by LINKTYPE_ value. */
  readonly linkTypes: ReadonlyMap<number, number>;
  /** Packets of pcapng simple packet blocks, which carry no time: they are given the time of the packet before. */
  readonly withoutTime: number;
  /** Packets whose time lies outside 1970..2262 (int64 nanoseconds): they are given the nearest time inside. */
  readonly timeOutOfRange: number;
  /** Set when reading ended early. */
  readonly truncated: CaptureTruncation | undefined;
}
