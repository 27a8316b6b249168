import type { CoreFlow } from './core-flow.ts';

/** Turns the lines of one log into flows. */
export interface FlowLogParser {
  /**
   * The flow of a line; undefined for a line that carries none, such as a header.
   *
   * @throws MalformedLine when the line should carry a flow and cannot be read
   */
  parse(line: string): CoreFlow | undefined;
}

/** A line that cannot be read. It is counted by its reason and passed over. */
export class MalformedLine extends Error {
  override readonly name = 'MalformedLine';
}
