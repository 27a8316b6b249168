/**
 * One flow record as an exporter sends it: one direction, or both where the exporter makes biflows (RFC 5103).
 */
export interface ExportedFlow {
  readonly format: 'netflow' | 'ipfix';
  /** Where the record came from: address of the exporter, or name of the file. */
  readonly exporter: string;
  /** When the exporter sent it; this and the other times in nanoseconds since the Unix epoch. */
  readonly exportedAt: bigint;
  readonly start: bigint;
  readonly end: bigint;
  readonly srcIp: string;
  readonly dstIp: string;
  readonly srcPort: number;
  readonly dstPort: number;
  readonly protocol: number;
  readonly packets: number;
  /** Bytes of IP packets. */
  readonly bytes: number;
  /** TCP flags, combined by OR; undefined where the exporter does not tell. */
  readonly tcpFlags: number | undefined;
  /** The other direction, in a biflow. */
  readonly reverse:
    | { readonly packets: number; readonly bytes: number; readonly tcpFlags: number | undefined }
    | undefined;
  /** One of so many packets was looked at; 1 is every packet. */
  readonly sampling: number;
}

/** A message that cannot be read. It is counted by its reason; what was read of it before counts. */
export class MalformedMessage extends Error {
  override readonly name = 'MalformedMessage';
}
