import { createHash } from 'node:crypto';
import type { DetectorDocument } from '@edgeguard/contracts';
import type { EvaluationDocument } from '../evaluation-document.ts';
import type { ReportData } from '../report-client/report-data.ts';
import { readAssets } from './assets.ts';
import { embeddedJson, Html, html } from './escape.ts';
import { type CardLine, modelCard } from './model-card.ts';
import {
  anomalySection,
  atShippedThreshold,
  curveSection,
  dataSection,
  header,
  notes,
  perAttackSection,
  precisionSection,
  timeSection,
  trainingSection,
} from './sections.ts';
import { thresholdSection } from './threshold-section.ts';
import { PAGE_STYLE } from './style.ts';

/** All that the report shows. */
export interface ReportInput {
  readonly evaluation: EvaluationDocument;
  readonly data: ReportData;
  readonly detectors: readonly DetectorDocument[];
  readonly verification: readonly CardLine[];
}

/**
 * The report as one HTML file that works offline: tables in the page itself, charts drawn by uPlot from data in it. Its
 * content security policy allows the page's own scripts and styles by hash, and nothing else.
 */
export function renderReport(input: ReportInput): string {
  const { evaluation, data } = input;
  const assets = readAssets();
  const style = `${assets.chartStyle}\n${PAGE_STYLE}`;
  const scripts = [assets.chartScript, assets.pageScript];
  for (const script of scripts) {
    if (/<\/script|<!--/i.test(script)) throw new Error('a script of the report would end its own element');
  }
  const policy = [
    "default-src 'none'",
    `script-src ${scripts.map(hashSource).join(' ')}`,
    `style-src ${hashSource(style)}`,
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ');
  const page = html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta http-equiv="Content-Security-Policy" content="${policy}" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="referrer" content="no-referrer" />
        <title>${evaluation.pipeline} – EdgeGuard evaluation</title>
        ${element('style', style)}
      </head>
      <body>
        ${header(evaluation)}
        <main>
          ${notes(evaluation.notes)} ${atShippedThreshold(evaluation)} ${thresholdSection(evaluation)}
          ${precisionSection(evaluation)} ${curveSection(evaluation)} ${timeSection(data)} ${anomalySection(evaluation)}
          ${perAttackSection(evaluation)} ${dataSection(evaluation)} ${trainingSection(data)}
          <section aria-labelledby="model-card">
            <h2 id="model-card">Model card</h2>
            ${modelCard(evaluation, input.detectors, input.verification)}
          </section>
        </main>
        <footer>
          <p>
            Made by EdgeGuard’s <code>evaluate</code>. All figures are in <code>evaluation.json</code>, all scores in
            <code>scores.arrow</code> beside this file.
          </p>
        </footer>
        ${element('script type="application/json" id="report-data"', embeddedJson(data))}
        ${element('script', scripts[0]!)} ${element('script type="module"', scripts[1]!)}
      </body>
    </html> `;
  return page.text;
}

/** A script or style element. Its text must stay as it is to the last space: the policy names its hash. */
function element(tag: string, text: string): Html {
  return new Html(`<${tag}>${text}</${tag.split(' ')[0]!}>`);
}

/** A source of the policy: the SHA-256 of the element's text. */
function hashSource(text: string): string {
  return `'sha256-${createHash('sha256').update(text).digest('base64')}'`;
}
