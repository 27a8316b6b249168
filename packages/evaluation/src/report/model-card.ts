import type { DetectorDocument } from '@edgeguard/contracts';
import type { EvaluationDocument } from '../evaluation-document.ts';
import { axisPercent, count, figure, percent } from '../report-client/format.ts';
import { type Html, html } from './escape.ts';
import { utcTime } from './utc-time.ts';
import { scrollingTable } from './result-tables.ts';

/** A line of a two-column table. */
export interface CardLine {
  readonly name: string;
  readonly value: string;
  /** Digests and other values for machines. */
  readonly mono?: boolean;
}

/** What the detectors were made of and what backs their thresholds. */
export function modelCard(
  evaluation: EvaluationDocument,
  detectors: readonly DetectorDocument[],
  verification: readonly CardLine[],
): Html {
  return html`<h3>Data</h3>
    ${splitTable(evaluation)}
    <h3>Calibration</h3>
    ${calibrationTable(detectors)} ${evidenceTable(detectors)}
    <p class="note">
      A row raises an alert when its score is strictly above the threshold, which is the rank-th largest score of the
      calibration rows. The bound holds for independent rows; rows of traffic depend on each other, so read it as a good
      guide, and the false alarm rate on the test split as the check.
    </p>
    <h3>Files</h3>
    ${cardTable('Files', fileLines(evaluation, detectors))}
    ${
      verification.length > 0
        ? html`<h3>Verification</h3>
            ${cardTable('Verification', verification)}`
        : ''
    }
    <details>
      <summary>Features (${String(evaluation.schema.features)})</summary>
      ${featureTable(detectors[0])}
    </details>`;
}

function splitTable(evaluation: EvaluationDocument): Html {
  const splits = ['train', 'validation', 'calibration', 'test'] as const;
  return scrollingTable(
    'Rows of each split',
    html`<tr>
      <th scope="col">split</th>
      <th scope="col">rows</th>
      <th scope="col">normal</th>
      <th scope="col">attack</th>
      <th scope="col">collateral</th>
      <th scope="col">unknown</th>
      <th scope="col">not finite</th>
      <th scope="col">from (UTC)</th>
      <th scope="col">to (UTC)</th>
      <th scope="col">days of traffic</th>
    </tr>`,
    splits.map((split) => {
      const { rows, normal, attack, collateral, unknown, notFinite, time } = evaluation.splits[split];
      return html`<tr>
        <th scope="row">${split}</th>
        ${[rows, normal, attack, collateral, unknown, notFinite].map((value) => html`<td>${count(value)}</td>`)}
        <td>${time ? utcTime(time.first) : '–'}</td>
        <td>${time ? utcTime(time.last) : '–'}</td>
        <td>${time ? figure(time.days) : '–'}</td>
      </tr>`;
    }),
  );
}

function calibrationTable(detectors: readonly DetectorDocument[]): Html {
  return scrollingTable(
    'Calibration',
    html`<tr>
      <th scope="col">detector</th>
      <th scope="col">threshold</th>
      <th scope="col">rule</th>
      <th scope="col">promised at most</th>
      <th scope="col">confidence</th>
      <th scope="col">expected</th>
      <th scope="col">calibration rows</th>
      <th scope="col">rank</th>
    </tr>`,
    detectors.map(
      ({ precision, threshold }) =>
        html`<tr>
          <th scope="row">${precision}</th>
          <td>${figure(threshold.value)}</td>
          <td>${threshold.rule}</td>
          <td>${axisPercent(threshold.falseAlarmRate)}</td>
          <td>${axisPercent(threshold.confidence)}</td>
          <td>${percent(threshold.expectedRate)}</td>
          <td>${count(threshold.rows)}</td>
          <td>${count(threshold.rank)}</td>
        </tr>`,
    ),
  );
}

/** What the calibration says beyond the threshold. */
function evidenceTable(detectors: readonly DetectorDocument[]): Html {
  const found = detectors.flatMap(({ precision, calibration }) => (calibration ? [{ precision, calibration }] : []));
  if (found.length === 0) return html``;
  return scrollingTable(
    'Calibration evidence',
    html`<tr>
      <th scope="col">detector</th>
      <th scope="col">days of traffic</th>
      <th scope="col" class="text">independent blocks</th>
      <th scope="col" class="text">tail beyond the data</th>
      <th scope="col" class="text">blocks for drift</th>
    </tr>`,
    found.map(
      ({ precision, calibration: { days, blocks, tail, drift } }) =>
        html`<tr>
          <th scope="row">${precision}</th>
          <td>${days === undefined ? '–' : figure(days)}</td>
          <td class="text">${blocks ? `${count(blocks.count)} ${blocks.unit}s` : 'none, rows have no time'}</td>
          <td class="text">${tailText(tail)}</td>
          <td class="text">${drift ? `${count(drift.blocks)} of ${count(drift.blockRows)} rows` : 'none'}</td>
        </tr>`,
    ),
  );
}

function tailText(tail: NonNullable<DetectorDocument['calibration']>['tail']): string {
  if (!tail.fits) return `no model: ${tail.reason}`;
  return `generalised Pareto above ${figure(tail.level)}, shape ${figure(tail.shape)}, ${count(tail.clusters)} clusters, fit p = ${figure(tail.fitPValue)}`;
}

function fileLines(evaluation: EvaluationDocument, detectors: readonly DetectorDocument[]): CardLine[] {
  const { schema } = evaluation;
  const versions = detectors[0]?.provenance.versions ?? {};
  return [
    { name: 'schema', value: `${schema.name}, version ${schema.version}, ${schema.features} features` },
    { name: 'schema hash', value: schema.hash, mono: true },
    { name: 'seed', value: String(detectors[0]?.provenance.seed ?? '') },
    ...Object.entries(evaluation.detectorDigests).map(([precision, digest]) => ({
      name: `detector.${precision}.tflite`,
      value: `sha256 ${digest}`,
      mono: true,
    })),
    ...Object.entries(evaluation.splitDigests).map(([split, digest]) => ({
      name: `${split} split`,
      value: `sha256 ${digest}`,
      mono: true,
    })),
    ...Object.entries(versions).map(([name, version]) => ({ name: `made with ${name}`, value: version })),
  ];
}

function featureTable(detector: DetectorDocument | undefined): Html {
  if (!detector) return html``;
  return scrollingTable(
    'Features',
    html`<tr>
      <th scope="col">feature</th>
      <th scope="col" class="text">meaning</th>
      <th scope="col">kind</th>
      <th scope="col">unit</th>
      <th scope="col">5 %</th>
      <th scope="col">median</th>
      <th scope="col">95 %</th>
    </tr>`,
    detector.schema.features.map((feature, index) => {
      const baseline = detector.baselines[index];
      const isCategory = feature.kind === 'category';
      const cells = [baseline?.p05, baseline?.p50, baseline?.p95].map(
        (value) => html`<td>${isCategory || value === undefined ? '–' : figure(value)}</td>`,
      );
      return html`<tr>
        <th scope="row" class="name">${feature.name}</th>
        <td class="text">${feature.description ?? ''}</td>
        <td>${feature.kind}</td>
        <td>${feature.unit}</td>
        ${cells}
      </tr>`;
    }),
  );
}

function cardTable(label: string, lines: readonly CardLine[]): Html {
  return html`<div class="scroll" tabindex="0" role="region" aria-label="${label}">
    <table>
      <tbody>
        ${lines.map(
          ({ name, value, mono }) =>
            html`<tr>
              <th scope="row" class="name">${name}</th>
              <td class="text">${mono ? html`<code>${value}</code>` : value}</td>
            </tr>`,
        )}
      </tbody>
    </table>
  </div>`;
}
