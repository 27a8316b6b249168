// @ts-check
import { isFeature } from '@edgeguard/contracts';
import { rankCorrelations } from './correlation.mjs';
import { stabilityIndex } from './drift.mjs';
import { summariseNumbers, summariseTexts } from './statistics.mjs';

/** @typedef {import('../sample.mjs').Sample} Sample */
/** @typedef {import('../sample.mjs').SampleColumn} SampleColumn */
/** @typedef {import('../sample.mjs').Column} Column */

/**
 * @typedef {{ column: Column, summary: import('./statistics.mjs').NumberSummary }} NumberProfile
 * @typedef {{ column: Column, summary: import('./statistics.mjs').TextSummary }} TextProfile
 */

/**
 * @typedef {object} FileProfile
 * @property {string} name
 * @property {number} fileRows
 * @property {number} rows rows of the sample
 * @property {NumberProfile[]} numbers
 * @property {TextProfile[]} texts
 * @property {{ names: string[], values: Float64Array[] } | undefined} correlations of columns with more than one value
 */

/**
 * How far each column of the other files is from the first file's; NaN where a file lacks the column.
 *
 * @typedef {{ column: Column, index: number[] }[]} Drift
 */

/**
 * @param {string} name
 * @param {Sample} sample
 * @returns {FileProfile}
 */
export function profileOf(name, sample) {
  /** @type {FileProfile} */
  const profile = {
    name,
    fileRows: sample.fileRows,
    rows: sample.rows,
    numbers: [],
    texts: [],
    correlations: undefined,
  };
  const varying = [];
  for (const kept of sample.columns) {
    const { column } = kept;
    if ('texts' in kept) {
      profile.texts.push({ column, summary: summariseTexts(kept.texts) });
    } else {
      const summary = summariseNumbers(kept.numbers);
      profile.numbers.push({ column, summary });
      if (summary.distinct > 1) varying.push(kept);
    }
  }
  if (varying.length > 1) {
    profile.correlations = {
      names: varying.map(({ column }) => column.name),
      values: rankCorrelations(varying.map(({ numbers }) => numbers)),
    };
  }
  return profile;
}

/**
 * Drift of all files against the first: features, then other columns, those that differ most first. Instants are left out:
 * splits differ by them on purpose.
 *
 * @param {readonly Sample[]} samples
 * @returns {Drift}
 */
export function driftOf([reference, ...others]) {
  return reference.columns
    .filter(({ column }) => column.type !== 'timestamp')
    .map((kept) => {
      const { name } = kept.column;
      const index = others.map(({ columns }) => {
        const other = columns.find(({ column }) => column.name === name);
        return other ? stabilityIndex(kept, other) : Number.NaN;
      });
      return { column: kept.column, index };
    })
    .filter(({ index }) => index.some((value) => !Number.isNaN(value)))
    .sort((a, b) => Number(isFeature(b.column)) - Number(isFeature(a.column)) || largest(b.index) - largest(a.index));
}

/** @param {readonly number[]} values */
function largest(values) {
  return Math.max(...values.filter((value) => !Number.isNaN(value)));
}
