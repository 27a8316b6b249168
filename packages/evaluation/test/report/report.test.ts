import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { embeddedJson, escapeHtml, renderReport } from '../../src/index.ts';
import { percent } from '../../src/report-client/format.ts';
import { sampleEvaluation } from '../support/sample-evaluation.ts';
import { HOSTILE_NAME } from '../support/sample-workspace.ts';

interface Element {
  readonly tag: string;
  readonly isData: boolean;
  readonly text: string;
}

/** The script and style elements of a page. */
function elementsOf(page: string): Element[] {
  return [...page.matchAll(/<(style|script)([^>]*)>(.*?)<\/\1>/gs)].map(([, tag, attributes, text]) => ({
    tag: tag!,
    isData: attributes!.includes('application/json'),
    text: text!,
  }));
}

describe('the page', () => {
  const page = renderReport(sampleEvaluation({ attackNames: [HOSTILE_NAME, 'scan'], pipeline: HOSTILE_NAME }).report);
  const elements = elementsOf(page);

  it('allows its own scripts and style by their hashes, and nothing else', () => {
    const policy = /Content-Security-Policy" content="([^"]*)"/.exec(page)![1]!.replaceAll('&#39;', "'");
    const hashes = (tag: string): string =>
      elements
        .filter((element) => element.tag === tag && !element.isData)
        .map(({ text }) => `'sha256-${createHash('sha256').update(text).digest('base64')}'`)
        .join(' ');
    expect(policy).toBe(
      `default-src 'none'; script-src ${hashes('script')}; style-src ${hashes('style')}; base-uri 'none'; form-action 'none'`,
    );
  });

  it('names no address to load anything from', () => {
    const plain = renderReport(sampleEvaluation().report);
    const markup = elementsOf(plain).reduce((rest, { text }) => rest.replace(text, ''), plain);
    expect(markup).not.toMatch(/\b(src|href|action|srcset|style|on\w+)\s*=/i);
    expect(elements.find(({ tag }) => tag === 'style')!.text).not.toMatch(/url\(|@import/);
  });

  it('carries the licence of the chart library', () => {
    expect(elements.find(({ tag }) => tag === 'script')!.text.length).toBeGreaterThan(0);
    expect(page).toContain('The MIT License (MIT)');
    expect(page).toContain('Leon Sorokin');
  });

  it('holds every name as text only', () => {
    expect(page).not.toContain(HOSTILE_NAME);
    expect(page).toContain(`<title>${escapeHtml(HOSTILE_NAME)}`);
    const data = elements.find(({ isData }) => isData)!;
    expect(JSON.stringify(JSON.parse(data.text))).toContain(JSON.stringify(HOSTILE_NAME).slice(1, -1));
  });

  it('is the same for the same input', () => {
    const again = renderReport(
      sampleEvaluation({ attackNames: [HOSTILE_NAME, 'scan'], pipeline: HOSTILE_NAME }).report,
    );
    expect(again === page).toBe(true);
  });
});

describe('escaping', () => {
  it('leaves nothing that markup or a script element would notice', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(escapeHtml(text)).not.toMatch(/[<>"'\u202e]|\p{Cc}/u);
        const embedded = embeddedJson({ text });
        expect(embedded).not.toMatch(/[<>&\u2028\u2029]/);
        expect(JSON.parse(embedded)).toEqual({ text });
      }),
      { numRuns: 50 },
    );
    expect(escapeHtml('a & b\n\u202ec')).toBe('a &amp; b␊c');
  });
});

describe('a share', () => {
  it('is written with the digits that matter, and no bare point', () => {
    const shares = [0, 0.000123, 0.0099999, 0.01, 0.5, 0.9998, 0.999999, 1];
    expect(shares.map(percent)).toEqual(['0 %', '0.012 %', '1 %', '1.0 %', '50.0 %', '99.98 %', '99.9999 %', '100 %']);
  });
});
