import type { EvaluationDocument } from '../evaluation-document.ts';
import { type Html, html } from './escape.ts';

/** The distribution of scores with the threshold to drag. */
export function thresholdSection(evaluation: EvaluationDocument): Html {
  const radios = evaluation.detectors.map(
    (one, index) =>
      html`<label
        ><input type="radio" name="detector" value="${index}" ${index === 0 ? html` checked` : ''} />${one.name}</label
      >`,
  );
  const live: readonly (readonly [id: string, label: string, long?: boolean])[] = [
    ['recall', 'detection rate (recall)'],
    ['false-alarm-rate', 'false alarm rate'],
    ['precision', 'precision'],
    ['f1', 'F1'],
    ['false-alarms-per-day', 'false alarms per day'],
    ['alarms-per-day', 'alarms per day'],
    ['episodes-per-day', 'episodes of normal rows per day'],
    ['threshold', 'threshold'],
    ['expected', 'expected false alarm rate'],
    ['bound', 'bound on the false alarm rate', true],
    ['expected-episodes', 'expected episodes per day', true],
  ];
  return html`<section aria-labelledby="threshold-title">
    <h2 id="threshold-title">Choosing a threshold</h2>
    <p class="note">
      Drag the dashed line, or move the slider with the arrow keys. Bounds and expectations come from the calibration
      rows, all else from the test split. Alerts that belong together are one episode. A threshold that was chosen by
      looking at the test split is exploratory: check it on new traffic.
    </p>
    <div class="controls">
      <fieldset>
        <legend>Detector</legend>
        ${radios}
      </fieldset>
      <fieldset>
        <legend>Show</legend>
        <label><input type="radio" name="distribution" value="density" checked />share per bin</label
        ><label><input type="radio" name="distribution" value="tail" />share above</label>
      </fieldset>
    </div>
    <div
      class="chart"
      id="chart-distribution"
      role="img"
      aria-label="Distribution of the score for train, calibration and test normal rows and for each attack, with the threshold"
    ></div>
    <div class="slider">
      <label for="threshold">Threshold<input type="range" id="threshold" min="0" max="0" step="1" /></label
      ><button type="button" id="threshold-reset" disabled>Back to the shipped one</button>
    </div>
    <dl class="figures" aria-live="polite">
      ${live.map(([id, label, long]) => html`<div${long ? html` class="long"` : ''}><dt>${label}</dt><dd id="live-${id}">–</dd></div>`)}
    </dl>
    <div class="columns">
      <div>
        <h3>Confusion matrix</h3>
        <div class="scroll tiny" tabindex="0" role="region" aria-label="Confusion matrix">
          <table>
            <thead>
              <tr>
                <td></td>
                <th scope="col">alert</th>
                <th scope="col">no alert</th>
              </tr>
            </thead>
            <tbody>
              <tr>
                <th scope="row">attack</th>
                <td id="live-true-positives">–</td>
                <td id="live-false-negatives">–</td>
              </tr>
              <tr>
                <th scope="row">normal</th>
                <td id="live-false-positives">–</td>
                <td id="live-true-negatives">–</td>
              </tr>
            </tbody>
          </table>
        </div>
      </div>
      <div>
        <h3>Attacks found</h3>
        <div class="scroll" tabindex="0" role="region" aria-label="Attacks found at this threshold">
          <table>
            <tbody id="live-attacks"></tbody>
          </table>
        </div>
      </div>
    </div>
  </section>`;
}
