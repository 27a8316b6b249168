import { counted } from '@edgeguard/contracts';
import { outcomeOf } from '../budgets.ts';
import type { EvaluationDocument, Outcome, ResultDocument } from '../evaluation-document.ts';
import { axisPercent, count, figure, percent, ratio } from '../report-client/format.ts';
import { type Html, html } from './escape.ts';

/** A share with its interval beneath, and with a word where it was promised to be lower. */
export function rateCell(rate: ResultDocument['atThreshold']['detectionRate'], outcome: Outcome | null = null): Html {
  if (!rate) return html`<td>–</td>`;
  const [low, high] = rate.interval;
  return html`<td>${percent(rate.value)}<small>${percent(low)} – ${percent(high)}</small>${outcomeMark(outcome)}</td>`;
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
  // The one that counts stands first: on a narrow screen the others are scrolled to.
  const splits = ['test', 'calibration', 'validation', 'train'] as const;
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
          ${splits.map((split) => splitCell(result, split))}
        </tr>`,
    ),
  );
}

/** Only rows that shaped nothing are held against the promise. */
function splitCell(
  { falseAlarmsBySplit, threshold }: ResultDocument,
  split: keyof ResultDocument['falseAlarmsBySplit'],
): Html {
  const rate = falseAlarmsBySplit[split];
  return rateCell(rate, split === 'test' ? outcomeOf(rate, threshold.falseAlarmRate) : null);
}

/** What was promised and what came of it, at several budgets: shares of rows, and episodes in a day where rows have time. */
export function budgetTable({ detectors, splits }: EvaluationDocument): Html {
  const timed = splits.test.time !== null;
  const line = (
    expected: number | null,
    falseAlarms: Html,
    expectedEpisodes: number | null,
    episodes: Html,
    detectionRate: ResultDocument['atThreshold']['detectionRate'],
  ): Html =>
    html`<td>${percent(expected)}</td>
      ${falseAlarms} ${timed ? html`<td>${figure(expectedEpisodes)}</td>` : ''} ${timed ? episodes : ''}
      ${rateCell(detectionRate)}`;
  const none = html`<td>–</td>`;
  const unsupported = line(null, none, null, none, null);
  const rates = detectors[0]!.budgets.map(({ falseAlarmRate }, index) =>
    budgetRows(
      `${axisPercent(falseAlarmRate)} of rows`,
      detectors.map(({ name, budgets }) => {
        const budget = budgets[index];
        if (!budget) return [name, unsupported];
        const { expectedRate, realised, outcome, expectedEpisodesPerDay, episodesPerDay, detectionRate } = budget;
        const falseAlarms = rateCell(realised, outcome);
        return [
          name,
          line(expectedRate, falseAlarms, expectedEpisodesPerDay, episodesCell(episodesPerDay), detectionRate),
        ];
      }),
    ),
  );
  const promised = new Set(detectors.flatMap(({ episodeBudgets }) => episodeBudgets.map(({ perDay }) => perDay)));
  const episodes = [...promised]
    .sort((a, b) => b - a)
    .map((perDay) =>
      budgetRows(
        `${counted(perDay, 'episode')} a day`,
        detectors.map(({ name, episodeBudgets }) => {
          const budget = episodeBudgets.find((one) => one.perDay === perDay);
          if (!budget) return [name, unsupported];
          const { expectedPerDay, realised, falseAlarmRate, detectionRate, outcome } = budget;
          const found = episodesCell(realised, outcome);
          return [name, line(null, rateCell(falseAlarmRate), expectedPerDay, found, detectionRate)];
        }),
      ),
    );
  return scrollingTable(
    'Promised and realised false alarms',
    html`<tr>
      <th scope="col">promised at most</th>
      <th scope="col" class="text">detector</th>
      <th scope="col">expected rate</th>
      <th scope="col">false alarm rate</th>
      ${
        timed
          ? html`<th scope="col">expected episodes per day</th>
              <th scope="col">episodes per day</th>`
          : ''
      }
      <th scope="col">detection rate</th>
    </tr>`,
    [...rates, ...episodes],
  );
}

/** A budget with a row for each detector. */
function budgetRows(budget: string, lines: readonly (readonly [name: string, cells: Html])[]): Html {
  return html`${lines.map(
    ([name, cells], index) =>
      html`<tr>
        ${index === 0 ? html`<th scope="rowgroup" rowspan="${lines.length}">${budget}</th>` : ''}
        <td class="text">${name}</td>
        ${cells}
      </tr>`,
  )}`;
}

/** Episodes in a day of normal test rows, with the interval. */
function episodesCell(
  realised: ResultDocument['budgets'][number]['episodesPerDay'],
  outcome: Outcome | null = null,
): Html {
  if (!realised) return html`<td>–</td>`;
  const [low, high] = realised.interval;
  return html`<td>${figure(realised.value)}<small>${figure(low)} – ${figure(high)}</small>${outcomeMark(outcome)}</td>`;
}

/** A word where a promise was not kept, or only nearly. */
function outcomeMark(outcome: Outcome | null): Html {
  if (outcome === 'broken') return html`<small class="broken">not kept</small>`;
  return outcome === 'chance' ? html`<small>above, within chance</small>` : html``;
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

/** The detectors beside each other, where there are several: what each costs and does. */
export function precisionTable({ detectors, detectorBytes }: EvaluationDocument): Html {
  const row = (name: string, cell: (result: ResultDocument) => Html): Html =>
    html`<tr>
      <th scope="row">${name}</th>
      ${detectors.map(cell)}
    </tr>`;
  const text = (value: string): Html => html`<td>${value}</td>`;
  return scrollingTable(
    'Precisions beside each other',
    html`<tr>
      <td></td>
      ${detectors.map(({ name }) => html`<th scope="col">${name}</th>`)}
    </tr>`,
    [
      row('file, kilobytes', ({ name }) => text(figure((detectorBytes[name] ?? 0) / 1000))),
      row('threshold', ({ threshold }) => text(figure(threshold.value))),
      row('false alarm rate', ({ atThreshold }) => rateCell(atThreshold.falseAlarmRate)),
      row('detection rate', ({ atThreshold }) => rateCell(atThreshold.detectionRate)),
      row('ROC-AUC', ({ oracle }) => text(ratio(oracle.rocAuc))),
      row('PR-AUC', ({ oracle }) => text(ratio(oracle.prAuc))),
      ...(detectors.some(({ episodes }) => episodes)
        ? [
            row('alerts', ({ episodes }) => text(episodes ? count(episodes.alerts) : '–')),
            row('episodes', ({ episodes }) => text(episodes ? count(episodes.total) : '–')),
            row('begun by a normal row', ({ episodes }) => text(episodes ? count(episodes.openedByNormal) : '–')),
          ]
        : []),
    ],
  );
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
