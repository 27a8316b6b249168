// @ts-check
import { html } from '@edgeguard/evaluation';

/** @param {number} value */
export function count(value) {
  return value.toLocaleString('en-US');
}

/** @param {number} share */
export function percent(share) {
  if (share === 0) return '0';
  return share < 0.001 ? '< 0.1 %' : `${(100 * share).toFixed(1)} %`;
}

/**
 * Four significant digits.
 *
 * @param {number} value
 */
export function number(value) {
  if (Number.isNaN(value)) return '–';
  if (Number.isInteger(value) && Math.abs(value) < 1e7) return value.toLocaleString('en-US');
  const size = Math.abs(value);
  return size >= 1e7 || size < 1e-4 ? value.toExponential(2) : String(Number(value.toPrecision(4)));
}

/**
 * @param {number} milliseconds since the Unix epoch
 */
export function time(milliseconds) {
  const date = new Date(milliseconds);
  return Number.isNaN(date.getTime()) ? '–' : date.toISOString().replace('T', ' ').replace('Z', '');
}

const LONGEST = 60;

/**
 * A text of the data, cut where it would break the page.
 *
 * @param {string} value
 */
export function text(value) {
  return value.length > LONGEST ? `${value.slice(0, LONGEST)}…` : value;
}

/**
 * A column's name that may break after its underscores.
 *
 * @param {string} name
 */
export function columnName(name) {
  return text(name)
    .split('_')
    .map((part, i) => (i === 0 ? html`${part}` : html`_<wbr />${part}`));
}
