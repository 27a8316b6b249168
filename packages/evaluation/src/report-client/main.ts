import { precisionRecallChart, RocChart } from './curve-charts.ts';
import { DistributionChart, type DistributionKind } from './distribution-chart.ts';
import type { ReportData } from './report-data.ts';
import { element, ThresholdPanel } from './threshold-panel.ts';
import { TimelineChart } from './timeline-chart.ts';
import { trainingChart } from './training-chart.ts';

/** Draws the page from the data in it. */
function start(data: ReportData): void {
  let view = data.detectors[0]!;
  let kind: DistributionKind = 'density';
  const timeline = new TimelineChart(element('chart-time'), view, view.grid.threshold[view.grid.shipped]!);
  const distribution = new DistributionChart(element('chart-distribution'), view, (score) => panel.moveToScore(score));
  const panel = new ThresholdPanel(view, (threshold) => {
    distribution.threshold = threshold;
    timeline.threshold = threshold;
  });
  onChoice('detector', (value) => {
    view = data.detectors[Number(value)]!;
    distribution.show(view, kind);
    timeline.show(view, view.grid.threshold[view.grid.shipped]!);
    panel.show(view);
  });
  onChoice('distribution', (value) => {
    kind = value === 'tail' ? 'tail' : 'density';
    distribution.show(view, kind);
  });
  if (data.curves.length > 0) {
    const roc = new RocChart(element('chart-roc'), data.curves);
    precisionRecallChart(element('chart-pr'), data.curves);
    onChoice('roc-axis', (value) => {
      roc.logarithmic = value === 'log';
    });
  }
  if (data.training) trainingChart(element('chart-training'), data.training);
}

/** Calls back when the reader picks another radio button of a group. */
function onChoice(group: string, changed: (value: string) => void): void {
  for (const input of document.querySelectorAll<HTMLInputElement>(`input[name="${group}"]`)) {
    input.addEventListener('change', () => changed(input.value));
  }
}

start(JSON.parse(element('report-data').textContent) as ReportData);
