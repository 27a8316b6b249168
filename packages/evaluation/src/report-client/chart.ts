import type uPlotType from 'uplot';
import { readTheme, type Theme } from './theme.ts';

declare const uPlot: typeof uPlotType;

/** What a chart is made of, given the theme in force. Called again when the theme changes. */
export type BuildChart = (theme: Theme) => {
  readonly options: Omit<uPlotType.Options, 'width' | 'height'>;
  readonly data: uPlotType.AlignedData;
  /** The place under the pointer in words, from its values on both axes. */
  readonly describe: (x: number, y: number) => string;
};

/** A chart that follows the width of its place and the theme of the reader's system. */
export class Chart {
  readonly element: HTMLElement;
  plot: uPlotType;
  readonly #build: BuildChart;
  readonly #hidden = new Set<string>();
  readonly #legend: HTMLElement;
  readonly #readout: HTMLElement;

  constructor(element: HTMLElement, build: BuildChart) {
    this.element = element;
    this.#build = build;
    this.#legend = document.createElement('div');
    this.#legend.className = 'legend';
    this.#readout = document.createElement('div');
    this.#readout.className = 'readout';
    element.after(this.#readout, this.#legend);
    this.plot = this.#create(readTheme());
    new ResizeObserver(() => this.#resize()).observe(element);
    matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => this.rebuild());
    // Paper is white whatever the theme of the screen.
    addEventListener('beforeprint', () => this.#setPrinting(true));
    addEventListener('afterprint', () => this.#setPrinting(false));
  }

  /** Builds the chart anew, for another theme or other data. Series that the reader switched off stay off. */
  rebuild(): void {
    this.plot.destroy();
    this.plot = this.#create(readTheme());
  }

  #setPrinting(printing: boolean): void {
    document.documentElement.classList.toggle('printing', printing);
    this.rebuild();
  }

  #create(theme: Theme): uPlotType {
    const { options, data, describe } = this.#build(theme);
    const series = options.series.map((one, index) =>
      index > 0 && this.#hidden.has(String(one.label)) ? { ...one, show: false } : one,
    );
    const setCursor = (plot: uPlotType): void => {
      const { left = -1, top = -1 } = plot.cursor;
      const inside = left >= 0 && top >= 0;
      this.#readout.textContent = inside ? describe(plot.posToVal(left, 'x'), plot.posToVal(top, 'y')) : '';
    };
    const hooks = { ...options.hooks, setCursor: [setCursor] };
    const plot = new uPlot({ ...options, ...this.#size(), series, hooks, legend: { show: false } }, data, this.element);
    this.#drawLegend(plot);
    return plot;
  }

  #size(): { width: number; height: number } {
    const width = Math.max(240, Math.floor(this.element.clientWidth));
    const height = Math.round(Math.min(360, Math.max(220, width * 0.5)));
    return { width, height };
  }

  #resize(): void {
    const size = this.#size();
    if (size.width !== this.plot.width) this.plot.setSize(size);
  }

  /** A row of buttons that switch series off and on, by mouse or keyboard. */
  #drawLegend(plot: uPlotType): void {
    this.#legend.replaceChildren();
    const seen = new Set<string>();
    for (const series of plot.series.slice(1)) {
      const label = String(series.label);
      if (seen.has(label)) continue;
      seen.add(label);
      const button = document.createElement('button');
      button.type = 'button';
      button.setAttribute('aria-pressed', String(!this.#hidden.has(label)));
      const swatch = document.createElement('span');
      swatch.className = 'swatch';
      swatch.style.background = colourOf(series, plot);
      button.append(swatch, label);
      button.addEventListener('click', () => {
        if (!this.#hidden.delete(label)) this.#hidden.add(label);
        button.setAttribute('aria-pressed', String(!this.#hidden.has(label)));
        plot.batch(() => {
          for (const [index, one] of plot.series.entries()) {
            if (index > 0 && one.label === label) plot.setSeries(index, { show: !this.#hidden.has(label) });
          }
        });
      });
      this.#legend.append(button);
    }
  }
}

function colourOf(series: uPlotType.Series, plot: uPlotType): string {
  const { stroke } = series;
  const value: unknown = typeof stroke === 'function' ? stroke(plot, 0) : stroke;
  return typeof value === 'string' ? value : 'currentColor';
}

/** An axis in the page's colours. */
export function axis(theme: Theme, label: string, more: Partial<uPlotType.Axis> = {}): uPlotType.Axis {
  return {
    label,
    size: 30,
    gap: 4,
    labelSize: 20,
    labelGap: 0,
    labelFont: '12px system-ui, sans-serif',
    font: '12px system-ui, sans-serif',
    stroke: theme.muted,
    grid: { stroke: theme.grid, width: 1 },
    ticks: { stroke: theme.grid, width: 1, size: 4 },
    ...more,
  };
}

/** Ticks at whole numbers, for axes of logarithms. */
export function wholeSplits(_: uPlotType, __: number, min: number, max: number): number[] {
  const from = Math.ceil(min - 1e-9);
  const to = Math.floor(max + 1e-9);
  const step = Math.max(1, Math.ceil((to - from) / 7));
  const splits: number[] = [];
  for (let value = from; value <= to; value += step) splits.push(value);
  return splits;
}

/** Draws a line over the plot, at a value of the x or the y scale. */
export function drawLine(plot: uPlotType, scale: 'x' | 'y', value: number, colour: string): void {
  const { ctx, bbox } = plot;
  const at = Math.round(plot.valToPos(value, scale, true));
  const inside =
    scale === 'x' ? at >= bbox.left && at <= bbox.left + bbox.width : at >= bbox.top && at <= bbox.top + bbox.height;
  if (!inside) return;
  ctx.save();
  ctx.strokeStyle = colour;
  ctx.lineWidth = 2 * devicePixelRatio;
  ctx.setLineDash([6 * devicePixelRatio, 4 * devicePixelRatio]);
  ctx.beginPath();
  if (scale === 'x') {
    ctx.moveTo(at, bbox.top);
    ctx.lineTo(at, bbox.top + bbox.height);
  } else {
    ctx.moveTo(bbox.left, at);
    ctx.lineTo(bbox.left + bbox.width, at);
  }
  ctx.stroke();
  ctx.restore();
}
