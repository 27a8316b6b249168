import type { EvaluationDocument } from '../evaluation-document.ts';
import type { ReportData } from '../report-client/report-data.ts';
import { axisPercent, count, figure } from '../report-client/format.ts';
import {
  anomalyList,
  driftTable,
  newRowsTable,
  separationTable,
  sharedRowsText,
  testDriftText,
} from './check-tables.ts';
import { type Html, html } from './escape.ts';
import {
  agreementText,
  attackTable,
  budgetTable,
  episodesText,
  oracleTable,
  precisionTable,
  promiseTable,
  shippedTable,
} from './result-tables.ts';

/** Title and what was evaluated. */
export function header(evaluation: EvaluationDocument): Html {
  const { test } = evaluation.splits;
  const time = test.time ? ` over ${figure(test.time.days)} days of traffic` : '';
  return html`<header>
    <h1>${evaluation.pipeline}: what the detector catches</h1>
    <p class="lead">
      Evaluated on ${count(test.rows)} rows that nothing has seen before: ${count(test.normal)} normal and
      ${count(test.attack)} attack${time}. Schema ${evaluation.schema.name}, ${String(evaluation.schema.features)}
      features.
    </p>
  </header>`;
}

/** What a reader must know before quoting a figure. */
export function notes(lines: readonly string[]): Html {
  if (lines.length === 0) return html``;
  return html`<section class="notes" aria-labelledby="notes">
    <h2 id="notes">Before you quote a figure</h2>
    <ul>
      ${lines.map((line) => html`<li>${line}</li>`)}
    </ul>
  </section>`;
}

/** Detectors and baselines at their thresholds, and whether the promise held. */
export function atShippedThreshold(evaluation: EvaluationDocument): Html {
  return html`<section aria-labelledby="shipped">
    <h2 id="shipped">At the shipped threshold</h2>
    <p class="note">
      Every threshold was set on calibration rows alone, by the same rule and for the same budget of
      ${axisPercent(evaluation.detectors[0]!.threshold.falseAlarmRate)} false alarms. Beneath a rate its 95 % interval
      (Wilson), for independent rows.
    </p>
    ${shippedTable(evaluation)}
    <p>${episodesText(evaluation)}</p>
    <dl class="note">
      ${evaluation.baselines.map(
        (one) =>
          html`<div>
            <dt>${one.name}</dt>
            <dd>${one.description}</dd>
          </div>`,
      )}
    </dl>
    <h3>Did the promise hold?</h3>
    <p class="note">
      Alerts among the normal rows of each split. Train and validation rows shaped the model, so the test column is the
      one that counts.
    </p>
    ${promiseTable(evaluation)}
    <h3>At other budgets</h3>
    <p class="note">
      Thresholds that the calibration rows give for other promises
      (${axisPercent(evaluation.detectors[0]!.threshold.confidence)} confidence), and what they do on the test split.
      Budgets that so few calibration rows, or days, cannot support are left out. Episodes per day are those of normal
      rows, with an interval for episodes that come independently.
    </p>
    ${budgetTable(evaluation)}
  </section>`;
}

/** float32 beside int8. */
export function precisionSection(evaluation: EvaluationDocument): Html {
  if (evaluation.detectors.length < 2) return html``;
  return html`<section aria-labelledby="precisions">
    <h2 id="precisions">${evaluation.detectors.map(({ name }) => name).join(' beside ')}</h2>
    <p>${agreementText(evaluation)}</p>
    <div class="tiny">${precisionTable(evaluation)}</div>
  </section>`;
}

/** ROC and precision-recall. */
export function curveSection(evaluation: EvaluationDocument): Html {
  const { test } = evaluation.splits;
  if (test.attack === 0 || test.normal === 0) {
    return html`<section aria-labelledby="ranking">
      <h2 id="ranking">Ranking</h2>
      <p>
        The test split holds no ${test.attack === 0 ? 'attacks' : 'normal rows'}, so there is no ROC and no
        precision-recall curve.
      </p>
    </section>`;
  }
  return html`<section aria-labelledby="ranking">
    <h2 id="ranking">Ranking</h2>
    <p class="note">
      How well scores separate attacks from normal rows, over all thresholds. These are oracle figures: each threshold
      is read off the test labels, which a deployment does not have. The dots are the shipped thresholds. Precision
      depends on the share of attacks in the test split. ${bandsText(evaluation)}
    </p>
    <div class="columns">
      <div>
        <h3>ROC</h3>
        <div class="controls">
          <fieldset>
            <legend>False alarm axis</legend>
            <label><input type="radio" name="roc-axis" value="log" checked />logarithmic</label
            ><label><input type="radio" name="roc-axis" value="linear" />linear</label>
          </fieldset>
        </div>
        <div class="chart" id="chart-roc" role="img" aria-label="ROC curves; the table below has the areas"></div>
      </div>
      <div>
        <h3>Precision and recall</h3>
        <div class="controls"></div>
        <div
          class="chart"
          id="chart-pr"
          role="img"
          aria-label="Precision-recall curves; the table below has the areas"
        ></div>
      </div>
    </div>
    ${oracleTable(evaluation)}
  </section>`;
}

/** Scores over time. */
export function timeSection(data: ReportData): Html {
  const { axis, thinned } = data.detectors[0]!.timeline;
  const title = axis === 'time' ? 'Score over traffic time' : 'Score over the test split';
  const order = axis === 'time' ? '' : ' These rows have no time: they are shown in the order of the split.';
  const { episodes } = data.detectors[0]!;
  const bars =
    episodes.length === 0
      ? ''
      : ' Bars along the top are episodes at the shipped threshold, from their first to their last alert, in the colour of what began them.';
  const thin = thinned ? ' Of each interval and group the first and the highest row are shown.' : '';
  return html`<section aria-labelledby="over-time">
    <h2 id="over-time">${title}</h2>
    <p class="note">Large points are alerts at the threshold chosen above.${bars}${order}${thin}</p>
    <div class="chart" id="chart-time" role="img" aria-label="${title}, alerts large, attacks in colour"></div>
  </section>`;
}

/** Detection rate per attack. */
export function perAttackSection(evaluation: EvaluationDocument): Html {
  if (evaluation.splits.test.attack === 0) return html``;
  return html`<section aria-labelledby="per-attack">
    <h2 id="per-attack">Detection rate per attack</h2>
    <p class="note">
      At the shipped thresholds, with 95 % intervals. What is rare has wide ones. The time from an attack’s first row to
      its first alert is that of the detector ${evaluation.detectors[0]!.name}.
    </p>
    ${attackTable(evaluation)}
  </section>`;
}

/** The highest scores with their reasons. */
export function anomalySection(evaluation: EvaluationDocument): Html {
  if (evaluation.topAnomalies.length === 0) return html``;
  return html`<section aria-labelledby="anomalies">
    <h2 id="anomalies">Why the highest scores are high</h2>
    <p class="note">
      The highest scores of normal rows and of each attack, by the detector ${evaluation.detectors[0]!.name}. The
      p-value is the share of calibration rows that score as high. Before each reason stands its share of the score.
      Addresses are left out.
    </p>
    ${anomalyList(evaluation)}
  </section>`;
}

/** Leakage, repetitions and drift. */
export function dataSection(evaluation: EvaluationDocument): Html {
  return html`<section aria-labelledby="data-checks">
    <h2 id="data-checks">Can the figures be trusted?</h2>
    <p>${sharedRowsText(evaluation)}</p>
    <h3>On new rows alone</h3>
    <p class="note">The same thresholds, on test rows whose features occur in no earlier split and once in this one.</p>
    ${newRowsTable(evaluation)}
    <div class="columns">
      <div>
        <h3>Features that separate alone</h3>
        <p class="note">
          One near 1 may give the label away, as a leftover of how the attacks were recorded. Labels are looked at here
          and nowhere in the making of a detector.
        </p>
        ${
          evaluation.dataChecks.singleFeatures.length === 0
            ? html`<p>Without attack and normal rows there is nothing to separate.</p>`
            : separationTable(evaluation)
        }
      </div>
      <div>
        <h3>Drift since train</h3>
        <p class="note">
          Population stability index of normal rows, in the deciles of train; the features that moved the most.
          Validation and calibration show what is usual: they are normal traffic too.
        </p>
        ${driftTable(evaluation)}
        <p class="note">${testDriftText(evaluation)}</p>
      </div>
    </div>
  </section>`;
}

/** Losses by epoch. */
export function trainingSection(data: ReportData): Html {
  if (!data.training) return html``;
  return html`<section aria-labelledby="training">
    <h2 id="training">Training</h2>
    <div class="chart" id="chart-training" role="img" aria-label="Train and validation loss by epoch"></div>
  </section>`;
}

/** How bands and intervals were made. */
function bandsText(evaluation: EvaluationDocument): string {
  const { unit, clusters, replicates } = evaluation.detectors[0]!.bootstrap;
  const drawn = unit === 'row' ? 'single rows' : `${count(clusters)} ${unit}s of traffic`;
  return `Bands and intervals hold 95 % of ${replicates} draws of ${unit === 'group' ? `${count(clusters)} groups or files` : drawn}.`;
}
