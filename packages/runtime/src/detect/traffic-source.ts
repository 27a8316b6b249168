import { isAbsolute, join } from 'node:path';
import type { FlowLogSourceConfig, SourceConfig, SyntheticSourceConfig } from '@edgeguard/contracts';
import { STANDARD_INPUT, type SyntheticOptions } from '@edgeguard/sources';

/** Traffic to look at. */
export type TrafficSource =
  /** Files, glob patterns, `-`. With `merge` one stream in the order given, else each by itself. */
  | { readonly kind: 'captures'; readonly paths: readonly string[]; readonly merge: boolean }
  /** An interface until the signal; `filter` in the language of pcap-filter(7). */
  | { readonly kind: 'interface'; readonly name: string; readonly filter?: string }
  | { readonly kind: 'synthetic'; readonly options: SyntheticOptions }
  | FlowLogSource
  | NetFlowSource
  | TableSource;

/** Flows that a sensor has metered, for a detector of flow-core: files, glob patterns, `-`. */
export interface FlowLogSource {
  readonly kind: 'flow-logs';
  readonly paths: readonly string[];
  readonly format: FlowLogSourceConfig['format'];
  /** One stream in the order given, as rotated logs are, else each by itself. */
  readonly merge: boolean;
  /** Follow a single log of a stated format as it grows and is rotated, until the signal. */
  readonly follow: boolean;
}

/** Tables of rows with the detector's features: Arrow files of a stage, or CSV files with a header. */
export interface TableSource {
  readonly kind: 'tables';
  readonly paths: readonly string[];
  /** Between the cells of CSV; default a comma. */
  readonly delimiter?: string;
}

/** NetFlow 5 and 9 and IPFIX over UDP until the signal, for a detector of flow-core. */
export interface NetFlowSource {
  readonly kind: 'netflow';
  readonly port: number;
  /** Address to listen on; only this machine by default. */
  readonly host?: string;
}

/** Where a pipeline's relative paths start. */
export interface SourceFolders {
  readonly pipelineFolder: string;
  readonly dataFolder: string;
}

/** The traffic that a config's source names. */
export function trafficSource(config: SourceConfig, seed: number, folders: SourceFolders): TrafficSource {
  if (config.kind === 'synthetic') return { kind: 'synthetic', options: syntheticOptions(config, seed) };
  const root = config.root === 'data' ? folders.dataFolder : folders.pipelineFolder;
  const paths = config.paths.map((path) => (isAbsolute(path) || path === STANDARD_INPUT ? path : join(root, path)));
  if (config.kind === 'captures') return { kind: 'captures', paths, merge: config.merge };
  return { kind: 'flow-logs', paths, format: config.format, merge: config.merge, follow: false };
}

function syntheticOptions(config: SyntheticSourceConfig, seed: number): SyntheticOptions {
  return {
    seed,
    startTime: config.startTime,
    durationSeconds: config.durationSeconds,
    hosts: config.hosts,
    activity: config.activity,
    attacks: config.attacks.map(({ kind, startSeconds, durationSeconds, intensity }) => ({
      kind,
      start: startSeconds,
      duration: durationSeconds,
      intensity,
    })),
  };
}
