import type uPlotType from 'uplot';
import { axis, Chart, drawLine, wholeSplits } from './chart.ts';
import { axisPercent, figure, percent, powerOfTen } from './format.ts';
import type { DetectorView, GroupView } from './report-data.ts';
import { attackStyle, type Theme } from './theme.ts';

declare const uPlot: typeof uPlotType;

/** `density`: share of rows per bin. `tail`: share of rows above, on a logarithmic axis. */
export type DistributionKind = 'density' | 'tail';

/** The score's distribution in each group, with the threshold as a line that can be dragged. */
export class DistributionChart {
  readonly #chart: Chart;
  #view: DetectorView;
  #kind: DistributionKind = 'density';
  #threshold: number;

  /** @param onDrag gets the score under the pointer */
  constructor(element: HTMLElement, view: DetectorView, onDrag: (score: number) => void) {
    this.#view = view;
    this.#threshold = view.grid.threshold[view.grid.shipped]!;
    this.#chart = new Chart(element, (theme) => this.#build(theme, onDrag));
  }

  show(view: DetectorView, kind: DistributionKind): void {
    this.#view = view;
    this.#kind = kind;
    this.#chart.rebuild();
  }

  set threshold(value: number) {
    this.#threshold = value;
    this.#chart.plot.redraw(false, false);
  }

  #build(theme: Theme, onDrag: (score: number) => void): ReturnType<ConstructorParameters<typeof Chart>[1]> {
    const { edges, groups } = this.#view;
    const tail = this.#kind === 'tail';
    const values = groups.map((group) => (tail ? shareAbove(group) : shareInBin(group)));
    let attacks = 0;
    const stepped = uPlot.paths.stepped!({ align: 1 });
    const series = groups.map((group): uPlotType.Series => {
      const style =
        group.kind === 'attack'
          ? attackStyle(theme, attacks++)
          : { stroke: theme[group.kind], dash: dashOf(group.kind) };
      return {
        label: group.name,
        ...style,
        width: 1.75,
        ...(group.kind === 'normal' && !tail ? { fill: `${style.stroke}26` } : {}),
        paths: stepped,
        points: { show: false },
      };
    });
    const lowest = Math.min(...values.flat().filter((value): value is number => value !== null));
    return {
      describe: (x, y) => `score ${figure(10 ** x)}, ${percent(tail ? 10 ** y : y)} of rows`,
      data: [edges, ...values] as uPlotType.AlignedData,
      options: {
        scales: {
          x: { time: false, range: [edges[0]!, edges.at(-1)!] },
          y: tail ? { range: [Math.floor(lowest), 0] } : { range: (_, __, max) => [0, Math.max(max, 1e-9) * 1.05] },
        },
        axes: [
          axis(theme, 'score (logarithmic)', { splits: wholeSplits, values: (_, splits) => splits.map(powerOfTen) }),
          axis(theme, tail ? 'share of rows above' : 'share of rows', {
            size: 58,
            values: (_, splits) => splits.map((value) => axisPercent(tail ? 10 ** value : value)),
            ...(tail ? { splits: wholeSplits } : {}),
          }),
        ],
        cursor: { drag: { x: false, y: false } },
        series: [{}, ...series],
        hooks: {
          draw: [(plot) => drawLine(plot, 'x', Math.log10(this.#threshold), theme.threshold)],
          ready: [(plot) => followPointer(plot, onDrag)],
        },
      },
    };
  }
}

function dashOf(kind: GroupView['kind']): number[] {
  if (kind === 'train') return [2, 3];
  return kind === 'calibration' ? [7, 3] : [];
}

/** The last value repeats: a step needs its right end. */
function shareInBin(group: GroupView): number[] {
  const shares = group.counts.map((rows) => rows / group.rows);
  return [...shares, shares.at(-1) ?? 0];
}

/** Decimal logarithm of the share of rows above each edge; null where none is. */
function shareAbove(group: GroupView): (number | null)[] {
  let above = group.counts.reduce((sum, rows) => sum + rows, 0);
  const shares: (number | null)[] = [];
  for (const rows of [...group.counts, 0]) {
    shares.push(above > 0 ? Math.log10(above / group.rows) : null);
    above -= rows;
  }
  return shares;
}

/** Reports the score under the pointer while it is pressed. */
function followPointer(plot: uPlotType, onDrag: (score: number) => void): void {
  const { over } = plot;
  over.classList.add('draggable');
  let dragging = false;
  const report = (event: PointerEvent): void => {
    const { left } = over.getBoundingClientRect();
    onDrag(10 ** plot.posToVal(event.clientX - left, 'x'));
  };
  over.addEventListener('pointerdown', (event) => {
    dragging = true;
    over.setPointerCapture(event.pointerId);
    report(event);
  });
  over.addEventListener('pointermove', (event) => {
    if (dragging) report(event);
  });
  for (const end of ['pointerup', 'pointercancel'] as const) over.addEventListener(end, () => (dragging = false));
}
