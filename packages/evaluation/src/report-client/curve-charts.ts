import type uPlotType from 'uplot';
import { axis, Chart, wholeSplits } from './chart.ts';
import { axisPercent, percent, powerOfTen } from './format.ts';
import type { BandView, CurveView } from './report-data.ts';
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
        describe: (at, rate) =>
          `false alarm rate ${percent(logarithmic ? 10 ** at : at)}, detection rate ${percent(rate)}`,
        data: joined(
          curves,
          (curve) => curve.falseAlarmRate.map(x),
          (curve) => curve.detectionRate,
          (curve) => [x(curve.shipped.falseAlarmRate), curve.shipped.detectionRate],
          (curve) => (curve.rocBand ? { ...curve.rocBand, at: curve.rocBand.at.map(x) } : null),
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
                : { values: (_, splits) => splits.map(axisPercent) },
            ),
            axis(theme, 'detection rate', { size: 50, values: (_, splits) => splits.map(axisPercent) }),
          ],
          cursor: { drag: { x: false, y: false } },
          series: [{}, ...seriesOf(curves, theme)],
          bands: bandsOf(curves, theme),
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
    describe: (recall, precision) => `recall ${percent(recall)}, precision ${percent(precision)}`,
    data: joined(
      curves,
      (curve) => curve.detectionRate,
      (curve) => curve.precision,
      (curve) => [curve.shipped.detectionRate, curve.shipped.precision],
      (curve) => curve.prBand,
    ),
    options: {
      scales: { x: { time: false, range: [0, 1] }, y: { range: [0, 1] } },
      axes: [
        axis(theme, 'recall (detection rate)', { values: (_, splits) => splits.map(axisPercent) }),
        axis(theme, 'precision', { size: 50, values: (_, splits) => splits.map(axisPercent) }),
      ],
      cursor: { drag: { x: false, y: false } },
      series: [{}, ...seriesOf(curves, theme)],
      bands: bandsOf(curves, theme),
    },
  }));
}

/** Series of a curve: the line, the point of the shipped threshold, the upper and the lower end of the band. */
const SERIES_PER_CURVE = 4;

function seriesOf(curves: readonly CurveView[], theme: Theme): uPlotType.Series[] {
  return curves.flatMap((curve, index): uPlotType.Series[] => {
    const { stroke, dash } = lineOf(curves, index, theme);
    const { isDetector, name: label } = curve;
    const end: uPlotType.Series = { label, stroke, width: 0, spanGaps: true, points: { show: false } };
    const dot = { show: true, size: isDetector ? 11 : 8, fill: stroke, stroke };
    return [
      { label, stroke, dash, width: isDetector ? 2.25 : 1.5, spanGaps: true, points: { show: false } },
      { label, stroke, width: 0, paths: () => null, points: dot },
      end,
      end,
    ];
  });
}

function bandsOf(curves: readonly CurveView[], theme: Theme): uPlotType.Band[] {
  return curves.flatMap((curve, index): uPlotType.Band[] => {
    if (!curve.isDetector) return [];
    const high = 1 + SERIES_PER_CURVE * index + 2;
    return [{ series: [high, high + 1], fill: `${lineOf(curves, index, theme).stroke}2e` }];
  });
}

function lineOf(curves: readonly CurveView[], index: number, theme: Theme): { stroke: string; dash: number[] } {
  if (curves[index]!.isDetector) return { stroke: [theme.normal, theme.calibration][index % 2]!, dash: [] };
  const baseline = index - curves.filter((curve) => curve.isDetector).length;
  return {
    stroke: theme.attacks[baseline % theme.attacks.length]!,
    dash: [
      [6, 3],
      [2, 3],
      [8, 3, 2, 3],
    ][baseline % 3]!,
  };
}

/** Joins the curves on one x axis, as uPlot wants them. */
function joined(
  curves: readonly CurveView[],
  xs: (curve: CurveView) => readonly number[],
  ys: (curve: CurveView) => readonly number[],
  point: (curve: CurveView) => readonly [number, number | null],
  band: (curve: CurveView) => BandView | null,
): uPlotType.AlignedData {
  return uPlot.join(
    curves.flatMap((curve): uPlotType.AlignedData[] => {
      const [x, y] = point(curve);
      const { at, low, high } = band(curve) ?? { at: [], low: [], high: [] };
      return [upperEnvelope(xs(curve), ys(curve)), [[x], [y]], [[...at], [...high]], [[...at], [...low]]];
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
