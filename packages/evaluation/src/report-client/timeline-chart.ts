import type uPlotType from 'uplot';
import { axis, Chart, drawLine, wholeSplits } from './chart.ts';
import { count, figure, powerOfTen, timeLabels, utcClock } from './format.ts';
import type { DetectorView, EpisodeView, Timeline } from './report-data.ts';
import { attackStyle, type Theme } from './theme.ts';

/** Height of the bar of an episode, and its least width, in pixels. */
const BAR_HEIGHT = 7;
const SHORTEST_BAR = 2;

/** Scores along the test split: what is above the threshold is large and filled, the rest small. */
export class TimelineChart {
  readonly #chart: Chart;
  #timeline: Timeline;
  #episodes: readonly EpisodeView[];
  #threshold: number;

  constructor(element: HTMLElement, { timeline, episodes }: DetectorView, threshold: number) {
    this.#timeline = timeline;
    this.#episodes = episodes;
    this.#threshold = threshold;
    this.#chart = new Chart(element, (theme) => this.#build(theme));
  }

  show({ timeline, episodes }: DetectorView, threshold: number): void {
    this.#timeline = timeline;
    this.#episodes = episodes;
    this.threshold = threshold;
    this.#chart.rebuild();
  }

  set threshold(value: number) {
    this.#threshold = value;
    this.#chart.plot.setData(this.#data(), true);
  }

  /** Two series per group: rows at most at the threshold, and alerts. */
  #data(): uPlotType.AlignedData {
    const { x, score, group, groupNames } = this.#timeline;
    const columns = groupNames.flatMap(() => [emptyColumn(x.length), emptyColumn(x.length)]);
    for (const [i, value] of score.entries()) {
      const column = 2 * group[i]! + (value > this.#threshold ? 1 : 0);
      columns[column]![i] = Math.log10(Math.max(value, 1e-12));
    }
    return [x as number[], ...columns];
  }

  /** A band from the first to the last alert of each episode, behind the points, with a bar at its top. */
  #drawEpisodes({ ctx, bbox, valToPos }: uPlotType, theme: Theme): void {
    const bar = BAR_HEIGHT * devicePixelRatio;
    ctx.save();
    for (const { from, to, group } of this.#episodes) {
      const left = valToPos(from, 'x', true);
      const width = Math.max(SHORTEST_BAR * devicePixelRatio, valToPos(to, 'x', true) - left);
      ctx.fillStyle = group === 0 ? theme.normal : group > 0 ? attackStyle(theme, group - 1).stroke : theme.muted;
      ctx.globalAlpha = 0.12;
      ctx.fillRect(left, bbox.top, width, bbox.height);
      ctx.globalAlpha = 1;
      ctx.fillRect(left, bbox.top, width, bar);
    }
    ctx.restore();
  }

  /** The episodes at an instant, in words. */
  #episodesAt(at: number): string {
    const here = this.#episodes.filter(({ from, to }) => from <= at && at <= to);
    const { groupNames } = this.#timeline;
    const named = here.map(({ group, alerts }) => `${groupNames[group] ?? 'other rows'} (${count(alerts)} alerts)`);
    return named.length === 0 ? '' : `, in an episode that began with ${named.join(' and one with ')}`;
  }

  #build(theme: Theme): ReturnType<ConstructorParameters<typeof Chart>[1]> {
    const { axis: kind, groupNames, score, x } = this.#timeline;
    const lowest = Math.log10(Math.max(1e-12, Math.min(...score)));
    const highest = Math.log10(Math.max(1e-12, ...score, this.#threshold));
    const margin = 0.05 * (highest - lowest + 1);
    return {
      describe: (at, y) =>
        `${kind === 'time' ? utcClock(at) : `row ${count(Math.round(at))}`}, score ${figure(10 ** y)}${this.#episodesAt(at)}`,
      data: this.#data(),
      options: {
        ...(kind === 'time' ? { tzDate: utcDate } : {}),
        scales: {
          x: { time: kind === 'time', range: [x[0] ?? 0, x.at(-1) ?? 1] },
          y: { range: [lowest - margin, highest + margin] },
        },
        axes: [
          kind === 'time'
            ? axis(theme, 'traffic time (UTC)', {
                size: 44,
                space: 70,
                values: (_, splits, __, ___, step) => timeLabels(splits, step),
              })
            : axis(theme, 'row of the test split', { values: (_, splits) => splits.map(count) }),
          axis(theme, 'score (logarithmic)', {
            size: 46,
            splits: wholeSplits,
            values: (_, splits) => splits.map(powerOfTen),
          }),
        ],
        cursor: { drag: { x: false, y: false } },
        series: [
          {},
          ...groupNames.flatMap((name, index): uPlotType.Series[] => {
            const stroke = index === 0 ? theme.normal : attackStyle(theme, index - 1).stroke;
            const quiet = { label: name, stroke, width: 0, paths: () => null };
            return [
              { ...quiet, points: { show: true, size: 3, width: 0, fill: `${stroke}88`, stroke } },
              { ...quiet, points: { show: true, size: 7, width: 1, fill: stroke, stroke: theme.surface } },
            ];
          }),
        ],
        hooks: {
          drawAxes: [(plot) => this.#drawEpisodes(plot, theme)],
          draw: [(plot) => drawLine(plot, 'y', Math.log10(this.#threshold), theme.threshold)],
        },
      },
    };
  }
}

function emptyColumn(length: number): (number | null)[] {
  return Array.from<number | null>({ length }).fill(null);
}

/** uPlot shows the local fields of a date; shifted by the zone's offset they are those of UTC. */
function utcDate(seconds: number): Date {
  const date = new Date(seconds * 1000);
  return new Date(date.getTime() + date.getTimezoneOffset() * 60_000);
}
