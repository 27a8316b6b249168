import type { EvaluationDocument, ResultDocument } from '../evaluation-document.ts';
import { count, percent, ratio } from '../report-client/format.ts';
import { type Html, html } from './escape.ts';
import { rateCell, scrollingTable } from './result-tables.ts';
import { utcTime } from './utc-time.ts';

/** Features shown of each list. */
const SHOWN = 10;
const MOVED_SHOWN = 5;

/** The rows with the highest scores, each with its reasons. */
export function anomalyList({ topAnomalies }: EvaluationDocument): Html {
  const items = topAnomalies.map(({ score, pValue, label, attack, time, row, alert, reasons }) => {
    const truth =
      label === 'normal'
        ? alert
          ? 'normal, a false alarm'
          : 'normal, no alert'
        : `${attack}${alert ? '' : ', missed'}`;
    const when = time === null ? `row ${count(row)}` : `${utcTime(time)} UTC`;
    return html`<li>
      <p>
        <strong>${truth}</strong>
        <span>score ${score.toPrecision(3)}, p-value ${pValue.toPrecision(2)}, ${when}</span>
      </p>
      <ol>
        ${reasons.map(
          ({ share, text }) => html`<li><span class="share">${percent(share)}</span><span>${text}</span></li>`,
        )}
      </ol>
    </li>`;
  });
  return html`<ol class="anomalies">
    ${items}
  </ol>`;
}

/** The main figures on test rows that occur nowhere else. */
export function newRowsTable(evaluation: EvaluationDocument): Html {
  const row = ({ name, onNewRows: fresh }: ResultDocument, ours: boolean): Html =>
    html`<tr${ours ? html` class="ours"` : ''}><th scope="row">${name}</th><td>${count(fresh.normal)}</td><td>${count(fresh.attack)}</td>${rateCell(fresh.detectionRate)}${rateCell(fresh.falseAlarmRate)}<td>${ratio(fresh.rocAuc)}</td><td>${ratio(fresh.prAuc)}</td></tr>`;
  return scrollingTable(
    'Figures on new rows',
    html`<tr>
      <th scope="col">detector</th>
      <th scope="col">normal</th>
      <th scope="col">attack</th>
      <th scope="col">detection rate</th>
      <th scope="col">false alarm rate</th>
      <th scope="col">ROC-AUC</th>
      <th scope="col">PR-AUC</th>
    </tr>`,
    [...evaluation.detectors.map((one) => row(one, true)), ...evaluation.baselines.map((one) => row(one, false))],
  );
}

/** Features by how well each alone separates attacks from normal rows. */
export function separationTable({ dataChecks }: EvaluationDocument): Html {
  return scrollingTable(
    'Features that separate alone',
    html`<tr>
      <th scope="col">feature alone</th>
      <th scope="col">ROC-AUC</th>
    </tr>`,
    dataChecks.singleFeatures.slice(0, SHOWN).map(
      ({ feature, rocAuc }) =>
        html`<tr>
          <th scope="row" class="name">${feature}</th>
          <td>${ratio(rocAuc)}</td>
        </tr>`,
    ),
  );
}

/** Features of normal rows whose distribution moved the most between train and test. */
export function driftTable({ dataChecks }: EvaluationDocument): Html {
  const most = dataChecks.drift.toSorted((a, b) => b.test - a.test || (a.feature < b.feature ? -1 : 1)).slice(0, SHOWN);
  return scrollingTable(
    'Drift of features since train',
    html`<tr>
      <th scope="col">feature</th>
      <th scope="col">validation</th>
      <th scope="col">calibration</th>
      <th scope="col">test, normal</th>
    </tr>`,
    most.map(
      ({ feature, validation, calibration, test }) =>
        html`<tr>
          <th scope="row" class="name">${feature}</th>
          <td>${ratio(validation)}</td>
          <td>${ratio(calibration)}</td>
          <td>${ratio(test)}</td>
        </tr>`,
    ),
  );
}

/** What the drift monitor says of the normal test rows, in words. */
export function testDriftText({ dataChecks, detectors }: EvaluationDocument): string {
  const { testDrift } = dataChecks;
  if (!testDrift) return '';
  const { state, cause, blocks, blockRows, moved } = testDrift;
  const why = cause === null ? '' : `, and takes it for a changed ${cause}`;
  const named = moved.slice(0, MOVED_SHOWN).map((one) => `${one.name} (${one.blocks})`);
  const what = named.length === 0 ? 'nothing moved' : `in some there moved ${named.join(', ')}`;
  return `The drift monitor of ${detectors[0]!.name} ends as “${state}” on normal test rows${why}: of ${count(blocks)} blocks of ${count(blockRows)} rows, judged by what calibration blocks gave, ${what}. The index above compares all rows at once.`;
}

/** Rows that test nothing, and the order of the splits, in words. */
export function sharedRowsText({ dataChecks, splits }: EvaluationDocument): string {
  const { normalSeenBefore, attackSeenBefore, repeated } = dataChecks.sharedRows;
  const { normal, attack } = splits.test;
  const order = {
    ordered: ' Each split ends before the next begins.',
    overlapping: ' The splits overlap in time.',
    none: '',
  }[dataChecks.timeOrder ?? 'none'];
  return `Of ${count(normal)} normal test rows ${count(normalSeenBefore)} have the very features of a row in an earlier split, of ${count(attack)} attack rows ${count(attackSeenBefore)}; ${count(repeated)} more repeat another test row.${order}`;
}
