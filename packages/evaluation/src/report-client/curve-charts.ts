import type uPlotType from 'uplot';
import { axis, Chart, wholeSplits } from './chart.ts';
import { percent, powerOfTen } from './format.ts';
import type { CurveView } from './report-data.ts';
import type { Theme } from './theme.ts';

declare const uPlot: typeof uPlotType;

/** The ROC curve, its false alarm axis linear or logarithmic. */
export class RocChart {
  readonly #chart: Chart;
  #logarithmic = true;

  constructor(element: HTMLElement, curves: readonly CurveView[]) {
    this.#chart = new Chart(element, (theme) => {
      const floor = Math.min(...curves.map((curve) => curve.finest));
      const logarithmic = this.#logarithmic;
      const x = (rate: number): number => (logarithmic ? Math.log10(Math.max(rate, floor)) : rate);
      return {
        data: joined(
          curves,
          (curve) => curve.falseAlarmRate.map(x),
          (curve) => curve.detectionRate,
          (curve) => [x(curve.shipped.falseAlarmRate), curve.shipped.detectionRate],
        ),
        options: {
          scales: {
            x: { time: false, range: [logarithmic ? Math.log10(floor) : 0, logarithmic ? 0 : 1] },
            y: { range: [0, 1] },
          },
          axes: [
            axis(
              theme,
              logarithmic ? 'false alarm rate (logarithmic)' : 'false alarm rate',
              logarithmic
                ? { splits: wholeSplits, values: (_, splits) => splits.map(powerOfTen) }
                : { values: (_, splits) => splits.map(percent) },
            ),
            axis(theme, 'detection rate', { size: 64, values: (_, splits) => splits.map(percent) }),
          ],
          cursor: { drag: { x: false, y: false } },
          series: [{}, ...seriesOf(curves, theme)],
        },
      };
    });
  }

  set logarithmic(value: boolean) {
    this.#logarithmic = value;
    this.#chart.rebuild();
  }
}

/** The precision-recall curve. */
export function precisionRecallChart(element: HTMLElement, curves: readonly CurveView[]): Chart {
  return new Chart(element, (theme) => ({
    data: joined(
      curves,
      (curve) => curve.detectionRate,
      (curve) => curve.precision,
      (curve) => [curve.shipped.detectionRate, curve.shipped.precision],
    ),
    options: {
      scales: { x: { time: false, range: [0, 1] }, y: { range: [0, 1] } },
      axes: [
        axis(theme, 'recall (detection rate)', { values: (_, splits) => splits.map(percent) }),
        axis(theme, 'precision', { size: 64, values: (_, splits) => splits.map(percent) }),
      ],
      cursor: { drag: { x: false, y: false } },
      series: [{}, ...seriesOf(curves, theme)],
    },
  }));
}

/** Two series per curve: the line, and the point of the shipped threshold. */
function seriesOf(curves: readonly CurveView[], theme: Theme): uPlotType.Series[] {
  const detectors = curves.filter((curve) => curve.isDetector).length;
  return curves.flatMap((curve, index): uPlotType.Series[] => {
    const stroke = curve.isDetector
      ? [theme.normal, theme.calibration][index % 2]!
      : theme.attacks[(index - detectors) % theme.attacks.length]!;
    const dash = curve.isDetector
      ? []
      : [
          [6, 3],
          [2, 3],
          [8, 3, 2, 3],
        ][(index - detectors) % 3]!;
    return [
      {
        label: curve.name,
        stroke,
        dash,
        width: curve.isDetector ? 2.25 : 1.5,
        spanGaps: true,
        points: { show: false },
      },
      {
        label: curve.name,
        stroke,
        width: 0,
        paths: () => null,
        points: { show: true, size: curve.isDetector ? 11 : 8, fill: stroke, stroke },
      },
    ];
  });
}

/** Joins the curves on one x axis, as uPlot wants them. */
function joined(
  curves: readonly CurveView[],
  xs: (curve: CurveView) => readonly number[],
  ys: (curve: CurveView) => readonly number[],
  point: (curve: CurveView) => readonly [number, number | null],
): uPlotType.AlignedData {
  return uPlot.join(
    curves.flatMap((curve): uPlotType.AlignedData[] => {
      const [x, y] = point(curve);
      return [upperEnvelope(xs(curve), ys(curve)), [[x], [y]]];
    }),
  );
}

/** One y per x, the highest: an axis of uPlot has each x once. */
function upperEnvelope(x: readonly number[], y: readonly number[]): uPlotType.AlignedData {
  const best = new Map<number, number>();
  for (const [i, at] of x.entries()) best.set(at, Math.max(best.get(at) ?? -Infinity, y[i]!));
  const sorted = [...best].sort(([a], [b]) => a - b);
  return [sorted.map(([at]) => at), sorted.map(([, value]) => value)];
}
