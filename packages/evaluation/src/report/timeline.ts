import type { Timeline } from '../report-client/report-data.ts';
import { labelCode, type LabelledRows } from '../metrics/labelled-rows.ts';
import type { AttackGroups } from './attack-groups.ts';

/** Points shown at most. */
const MAX_POINTS = 6000;

/**
 * The scores of normal and attack rows along the test split, thinned so that a page can draw them: of each interval and
 * group the first and the highest row are kept. Peaks, and so every interval with an alert, stay.
 */
export function timeline(rows: LabelledRows, scores: Float32Array, groups: AttackGroups): Timeline {
  const groupNames = ['normal', ...groups.names];
  const x = positions(rows);
  let low = Infinity;
  let high = -Infinity;
  for (const value of x) {
    if (value < low) low = value;
    if (value > high) high = value;
  }
  const bins = Math.max(1, Math.floor(MAX_POINTS / (2 * groupNames.length)));
  const first = new Int32Array(bins * groupNames.length).fill(-1);
  const highest = new Int32Array(bins * groupNames.length).fill(-1);
  const normal = labelCode('normal');
  const attack = labelCode('attack');
  let counted = 0;
  for (let row = 0; row < rows.rows; row++) {
    const label = rows.label[row];
    if (label !== normal && label !== attack) continue;
    counted++;
    const group = label === normal ? 0 : 1 + groups.groupOf[rows.attack[row]!]!;
    const bin = high > low ? Math.min(bins - 1, Math.floor(((x[row]! - low) / (high - low)) * bins)) : 0;
    const place = bin * groupNames.length + group;
    if (first[place] === -1 || x[row]! < x[first[place]!]!) first[place] = row;
    if (highest[place] === -1 || scores[row]! > scores[highest[place]!]!) highest[place] = row;
  }
  const kept = [...new Set([...first, ...highest])].filter((row) => row >= 0).sort((a, b) => x[a]! - x[b]! || a - b);
  return {
    axis: rows.time ? 'time' : 'row',
    x: kept.map((row) => x[row]!),
    score: kept.map((row) => scores[row]!),
    group: kept.map((row) => (rows.label[row] === normal ? 0 : 1 + groups.groupOf[rows.attack[row]!]!)),
    groupNames,
    thinned: kept.length < counted,
  };
}

/** Seconds since the Unix epoch to the millisecond, or the row number. */
function positions(rows: LabelledRows): Float64Array {
  const x = new Float64Array(rows.rows);
  for (let row = 0; row < rows.rows; row++) x[row] = rows.time ? Number(rows.time[row]! / 1_000_000n) / 1000 : row;
  return x;
}
