export { CaptureDecoder } from './capture/capture-decoder.ts';
export type { CaptureStatistics, CaptureTruncation } from './capture/capture-statistics.ts';
export {
  type CaptureFileReport,
  type CaptureProgress,
  type CaptureReport,
  expandCapturePaths,
  readCapture,
  type ReadCaptureOptions,
  readCaptures,
  STANDARD_INPUT,
} from './capture/read-captures.ts';
