/** Reading and writing captures alone, without flow logs, tables and the generator, which take longer to load. */
export { CaptureDecoder } from './capture/capture-decoder.ts';
export type { CaptureStatistics, CaptureTruncation } from './capture/capture-statistics.ts';
export { PcapWriter, type PcapWriterOptions } from './capture/pcap-writer.ts';
export {
  type CaptureFileReport,
  type CaptureProgress,
  type CaptureReport,
  expandCapturePaths,
  readCapture,
  type ReadCaptureOptions,
  readCaptures,
} from './capture/read-captures.ts';
