import type { EvaluationDocument, ResultDocument } from '../evaluation-document.ts';
import { axisPercent, count, figure, percent, ratio } from '../report-client/format.ts';
import { type Html, html } from './escape.ts';

/** A share with its interval beneath. */
export function rateCell(rate: ResultDocument['atThreshold']['detectionRate']): Html {
  if (!rate) return html`<td>–</td>`;
  const [low, high] = rate.interval;
  return html`<td>${percent(rate.value)}<small>${percent(low)} – ${percent(high)}</small></td>`;
}

/** A false alarm rate on test rows, with a word where it is above what was promised by more than chance explains. */
export function promisedRateCell(rate: ResultDocument['atThreshold']['detectionRate'], promised: number): Html {
  if (!rate || rate.interval[0] <= promised) return rateCell(rate);
  const [low, high] = rate.interval;
  return html`<td>
    ${percent(rate.value)}<small>${percent(low)} – ${percent(high)}</small
    ><small class="broken">above the promise</small>
  </td>`;
}

/** A table that scrolls by itself where the screen is narrow, by keyboard too. */
export function scrollingTable(label: string, head: Html, rows: readonly Html[]): Html {
  return html`<div class="scroll" tabindex="0" role="region" aria-label="${label}">
    <table>
      <thead>
        ${head}
      </thead>
      <tbody>
        ${rows}
      </tbody>
    </table>
  </div>`;
}

/** Detectors and baselines at their shipped thresholds. */
export function shippedTable(evaluation: EvaluationDocument): Html {
  const row = (result: ResultDocument, ours: boolean): Html => {
    const at = result.atThreshold;
    return html`<tr${ours ? html` class="ours"` : ''}><th scope="row">${result.name}</th>${rateCell(at.detectionRate)}<td>${percent(at.macroDetectionRate)}</td>${rateCell(at.falseAlarmRate)}<td>${at.perDay ? figure(at.perDay.falseAlarms) : '–'}</td><td>${percent(at.precision)}</td><td>${ratio(at.f1)}</td><td>${figure(result.threshold.value)}</td></tr>`;
  };
  return scrollingTable(
    'Results at the shipped threshold',
    html`<tr>
      <th scope="col">detector</th>
      <th scope="col">detection rate</th>
      <th scope="col">mean over attacks</th>
      <th scope="col">false alarm rate</th>
      <th scope="col">false alarms per day</th>
      <th scope="col">precision</th>
      <th scope="col">F1</th>
      <th scope="col">threshold</th>
    </tr>`,
    [...evaluation.detectors.map((one) => row(one, true)), ...evaluation.baselines.map((one) => row(one, false))],
  );
}

/** Figures that look at the labels to choose a threshold. */
export function oracleTable(evaluation: EvaluationDocument): Html {
  const rates = evaluation.detectors[0]!.oracle.detectionAt.map((entry) => entry.falseAlarmRate);
  const row = (result: ResultDocument, ours: boolean): Html => {
    const { oracle, bootstrap } = result;
    const interval = bootstrap?.rocAuc;
    return html`<tr${ours ? html` class="ours"` : ''}><th scope="row">${result.name}</th><td>${ratio(oracle.rocAuc)}${interval ? html`<small>${ratio(interval[0])} – ${ratio(interval[1])}</small>` : ''}</td><td>${ratio(oracle.macroRocAuc)}</td><td>${ratio(oracle.prAuc)}</td>${oracle.detectionAt.map((entry) => html`<td>${percent(entry.detectionRate)}</td>`)}</tr>`;
  };
  return scrollingTable(
    'Ranking by oracle thresholds',
    html`<tr>
      <th scope="col">detector</th>
      <th scope="col">ROC-AUC</th>
      <th scope="col">mean ROC-AUC over attacks</th>
      <th scope="col">PR-AUC</th>
      ${rates.map((rate) => html`<th scope="col">detection at ${axisPercent(rate)} false alarms</th>`)}
    </tr>`,
    [...evaluation.detectors.map((one) => row(one, true)), ...evaluation.baselines.map((one) => row(one, false))],
  );
}

/** Detection rate of each attack by each detector and baseline, and what was reported apart. */
export function attackTable(evaluation: EvaluationDocument): Html {
  const results = [...evaluation.detectors, ...evaluation.baselines];
  const attacks = evaluation.detectors[0]!.atThreshold.perAttack;
  const rows = attacks.map(
    ({ attack, rows: total, secondsToAlert }, index) =>
      html`<tr>
        <th scope="row" class="name">${attack}</th>
        <td>${count(total)}</td>
        <td>${timeText(secondsToAlert)}</td>
        ${results.map((result) => rateCell(result.atThreshold.perAttack[index]!.rate))}
      </tr>`,
  );
  const apart = (['collateral', 'unknown'] as const)
    .filter((label) => evaluation.splits.test[label] > 0)
    .map(
      (label) =>
        html`<tr>
          <th scope="row"><em>${label}</em> (not counted)</th>
          <td>${count(evaluation.splits.test[label])}</td>
          <td></td>
          ${results.map((result) => rateCell(result.atThreshold[label].rate))}
        </tr>`,
    );
  return scrollingTable(
    'Detection rate per attack',
    html`<tr>
      <th scope="col">attack</th>
      <th scope="col">rows</th>
      <th scope="col">to the first alert</th>
      ${results.map((result) => html`<th scope="col">${result.name}</th>`)}
    </tr>`,
    [...rows, ...apart],
  );
}

/** Seconds as people say them. */
function timeText(seconds: number | null): string {
  if (seconds === null) return '–';
  if (seconds < 120) return `${figure(seconds)} s`;
  return seconds < 7200 ? `${figure(seconds / 60)} min` : `${figure(seconds / 3600)} h`;
}

/** Whether the promise held: alerts among normal rows of each split. */
export function promiseTable(evaluation: EvaluationDocument): Html {
  const results = [...evaluation.detectors, ...evaluation.baselines];
  const splits = ['train', 'validation', 'calibration', 'test'] as const;
  return scrollingTable(
    'False alarm rate in each split',
    html`<tr>
      <th scope="col">detector</th>
      <th scope="col">promised at most</th>
      <th scope="col">expected</th>
      ${splits.map((split) => html`<th scope="col">${split}</th>`)}
    </tr>`,
    results.map(
      (result) =>
        html`<tr>
          <th scope="row">${result.name}</th>
          <td>
            ${axisPercent(result.threshold.falseAlarmRate)}<small
              >${axisPercent(result.threshold.confidence)} confidence</small
            >
          </td>
          <td>${percent(result.threshold.expectedRate)}</td>
          ${splits.map((split) => promisedRateCell(result.falseAlarmsBySplit[split], result.threshold.falseAlarmRate))}
        </tr>`,
    ),
  );
}

/** What was promised and what came of it, at several budgets. */
export function budgetTable(evaluation: EvaluationDocument): Html {
  const detectors = evaluation.detectors;
  return scrollingTable(
    'Promised and realised false alarm rates',
    html`<tr>
      <th scope="col">promised at most</th>
      ${detectors.map(
        ({ name }) =>
          html`<th scope="col">${name}: false alarm rate</th>
            <th scope="col">per day</th>
            <th scope="col">detection rate</th>`,
      )}
    </tr>`,
    detectors[0]!.budgets.map(
      ({ falseAlarmRate }, index) =>
        html`<tr>
          <th scope="row">${axisPercent(falseAlarmRate)}</th>
          ${detectors.map(({ budgets }) => {
            const budget = budgets[index];
            if (!budget)
              return html`<td>–</td>
                <td>–</td>
                <td>–</td>`;
            return html`${promisedRateCell(budget.realised, budget.falseAlarmRate)}
              <td>${figure(budget.falseAlarmsPerDay)}</td>
              ${rateCell(budget.detectionRate)}`;
          })}
        </tr>`,
    ),
  );
}

/** What an operator would see, in words. */
export function episodesText({ detectors }: EvaluationDocument): string {
  return detectors
    .flatMap(({ name, episodes }) => {
      if (!episodes) return [];
      const { alerts, total, openedByNormal, openedByAttack, perDay } = episodes;
      return [
        `${name}: ${count(alerts)} alerts make ${count(total)} episodes, ${figure(perDay)} per day; ${count(openedByAttack)} begin with an attack row, ${count(openedByNormal)} with a normal one.`,
      ];
    })
    .join(' ');
}

/** float32 beside int8, in words. */
export function agreementText({ agreement, detectors }: EvaluationDocument): string {
  if (!agreement) return '';
  const { sameDecision, rankCorrelationOnNormal, rocAucDifference } = agreement;
  const [first, second] = detectors;
  const areas = rocAucDifference === null ? '' : ` The ROC-AUC differs by ${figure(Math.abs(rocAucDifference))}.`;
  const ranks =
    rankCorrelationOnNormal === null
      ? ''
      : ` Their rank correlation on normal rows is ${ratio(rankCorrelationOnNormal)}.`;
  return `${first!.name} and ${second!.name} take the same decision on ${percent(sameDecision)} of the test rows, each at its own threshold.${ranks}${areas}`;
}
