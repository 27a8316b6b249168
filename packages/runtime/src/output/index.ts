export { type LineOutput, openLineOutput, STANDARD_OUTPUT } from './line-output.ts';
export { eveTime, isoTime, plainTime } from '../alert/traffic-time.ts';
