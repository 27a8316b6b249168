/**
 * Takes captured frames one by one, in capture order. Sources call it, the meter implements it.
 */
export interface PacketSink {
  /**
   * One captured frame. `bytes` is owned by the caller and valid only during the call.
   *
   * @param linkType      link-layer type of the frame, a LINKTYPE_ value (https://www.tcpdump.org/linktypes.html)
   * @param seconds       capture time, whole seconds since the Unix epoch
   * @param nanoseconds   capture time, the rest in nanoseconds, 0..999,999,999
   * @param bytes         holds the frame
   * @param offset        where the frame starts in `bytes`
   * @param capturedLength bytes of the frame that were captured
   * @param wireLength    bytes that the frame had on the wire
   */
  packet(
    linkType: number,
    seconds: number,
    nanoseconds: number,
    bytes: Uint8Array,
    offset: number,
    capturedLength: number,
    wireLength: number,
  ): void;
}
