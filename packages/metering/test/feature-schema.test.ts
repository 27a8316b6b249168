import { readFileSync } from 'node:fs';
import { featuresOf, schemaHash } from '@edgeguard/contracts';
import { describe, expect, it } from 'vitest';
import { featureReference, flowSchema } from '../src/index.ts';

const features = featuresOf(flowSchema());

describe('flow-packets schema', () => {
  it('has 50 to 60 float32 features with distinct names', () => {
    expect(features.length).toBeGreaterThanOrEqual(50);
    expect(features.length).toBeLessThanOrEqual(60);
    expect(new Set(flowSchema().columns.map((column) => column.name)).size).toBe(flowSchema().columns.length);
    expect(features.every((feature) => feature.type === 'float32')).toBe(true);
  });

  it('says of every feature its unit, formula, range, family and meaning', () => {
    const incomplete = features.filter(
      (feature) =>
        !(feature.unit && feature.formula && feature.description && feature.family && feature.range?.length === 2) ||
        (feature.logScale !== undefined) !== (feature.kind === 'seconds') ||
        (feature.categories !== undefined) !== (feature.kind === 'category'),
    );
    expect(incomplete).toEqual([]);
  });

  it('has a hash that detectors can be bound to', () => {
    expect(schemaHash(features)).toMatch(/^[0-9a-f]{64}$/);
  });

  it('names the window of every feature on the page', () => {
    const rows = featureReference()
      .split('\n')
      .filter((line) => line.startsWith('| `'));
    const windows = rows.map((row) => row.split(' | ')[3]);
    expect(rows).toHaveLength(features.length);
    const known = ['flow', '10 s', '60 s', '10 min', '1 h', 'about the last eight contacts'];
    expect(new Set(windows)).toEqual(new Set(known));
    for (const row of rows.filter((line) => /^\| `(source|destination|pair|sensor)_/.test(line))) {
      expect(row.split(' | ')[3]).not.toBe('flow');
    }
  });

  it('is what docs/features.md shows (node packages/metering/scripts/feature-reference.mjs)', () => {
    const page = readFileSync(new URL('../../../docs/features.md', import.meta.url), 'utf8');
    expect(page).toBe(featureReference());
  });
});
