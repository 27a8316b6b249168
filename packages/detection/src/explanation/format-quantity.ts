import type { FeatureSchemaDocument } from '@edgeguard/contracts';

type Feature = FeatureSchemaDocument['features'][number];

/** Writes a value of a feature for people: `412`, `1.2 MB`, `350 µs`, `0.35`, `yes`, or the name of a category. */
export function formatQuantity(value: number, feature: Feature, vocabulary: readonly string[] = []): string {
  if (!Number.isFinite(value)) return Number.isNaN(value) ? 'no value' : `${value > 0 ? '' : '-'}infinite`;
  switch (feature.kind) {
    case 'category':
      return categoryName(value, vocabulary) ?? 'a value not seen in training';
    case 'flag':
      return value >= 0.5 ? 'yes' : 'no';
    case 'bytes':
      return withUnit(value, feature.unit, 'By', formatBytes);
    case 'seconds':
      return formatDuration(value * (SECONDS[feature.unit] ?? 1));
    case 'count':
      return withUnit(value, feature.unit, '', formatCount);
    case 'ratio':
      return feature.unit === '%' ? `${significant(value, 3)} %` : withUnit(value, feature.unit, '', formatRatio);
  }
}

/** The name of a category code, or undefined for one that training has not seen. */
export function categoryName(code: number, vocabulary: readonly string[]): string | undefined {
  return vocabulary[Math.round(code) - 1];
}

const SECONDS: Readonly<Record<string, number>> = { s: 1, ms: 1e-3, us: 1e-6, ns: 1e-9, min: 60, h: 3600, d: 86_400 };

/** A value with what its UCUM unit says beyond the kind: per second, or another unit. Annotations in braces are words of the description. */
function withUnit(value: number, unit: string, own: string, format: (value: number) => string): string {
  const [numerator = '', denominator] = unit.replaceAll(/\{[^}]*\}/g, '').split('/');
  if (own === 'By' && numerator === 'kBy') return withRate(format(value * 1000), denominator);
  if (numerator === 'By') return withRate(formatBytes(value), denominator);
  if (numerator === 'bit') return withRate(formatPrefixed(value, 'bit'), denominator);
  const plain = numerator === '' || numerator === '1' || numerator === own;
  if (plain) return withRate(format(value), denominator);
  // Bytes in a unit that is not known here are a number of that unit.
  const bare = own === 'By' ? formatCount : format;
  return withRate(`${bare(value)} ${numerator}`, denominator);
}

function withRate(text: string, denominator: string | undefined): string {
  return denominator ? `${text}/${denominator}` : text;
}

function formatBytes(value: number): string {
  return formatPrefixed(value, 'B');
}

const PREFIXES = ['', 'k', 'M', 'G', 'T', 'P'] as const;

function formatPrefixed(value: number, unit: string): string {
  let step = 0;
  let scaled = value;
  while (Math.abs(scaled) >= 999.5 && step < PREFIXES.length - 1) {
    scaled /= 1000;
    step++;
  }
  return `${step === 0 ? formatCount(scaled) : significant(scaled, 3)} ${PREFIXES[step]}${unit}`;
}

/** Seconds, in the unit that people would use. */
function formatDuration(seconds: number): string {
  const size = Math.abs(seconds);
  if (size < 0.5e-9) return '0 s';
  if (size < 0.9995e-6) return `${significant(seconds * 1e9, 3)} ns`;
  if (size < 0.9995e-3) return `${significant(seconds * 1e6, 3)} µs`;
  if (size < 0.9995) return `${significant(seconds * 1e3, 3)} ms`;
  if (size < 120) return `${significant(seconds, 3)} s`;
  if (size < 7200) return `${significant(seconds / 60, 3)} min`;
  if (size < 172_800) return `${significant(seconds / 3600, 3)} h`;
  return `${significant(seconds / 86_400, 3)} days`;
}

/** Digits that a float32 has at most: those beyond are made up. */
const DIGITS = 8;

/** Whole numbers from ten on; below, a decimal where an expectation or mean has one. */
function formatCount(value: number): string {
  const rounded = Math.abs(value) < 9.95 ? Math.round(value * 10) / 10 : Math.round(value);
  return grouped(Number(rounded.toPrecision(DIGITS)));
}

function formatRatio(value: number): string {
  return Math.abs(value) < 0.0005 ? '0' : significant(value, 2);
}

function significant(value: number, digits: number): string {
  const rounded = Number(value.toPrecision(digits));
  return grouped(rounded);
}

/** Thousands with commas, whatever the machine's language; very large and very small numbers with an exponent. */
function grouped(value: number): string {
  if (value === 0) return '0';
  const text = String(value);
  if (text.includes('e')) return String(Number(value.toPrecision(3)));
  const [whole = '', fraction] = text.split('.');
  const commas = whole.replaceAll(/\B(?=(\d{3})+$)/g, ',');
  return fraction === undefined ? commas : `${commas}.${fraction}`;
}
