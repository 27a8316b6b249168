import { axis, Chart } from './chart.ts';
import { figure } from './format.ts';
import type { TrainingView } from './report-data.ts';

/** Train and validation loss by epoch, on a logarithmic axis. */
export function trainingChart(element: HTMLElement, training: TrainingView): Chart {
  return new Chart(element, (theme) => ({
    describe: (epoch, loss) => `epoch ${Math.round(epoch)}, loss ${figure(loss)}`,
    data: [training.epoch as number[], training.train as number[], training.validation as number[]],
    options: {
      scales: { x: { time: false }, y: { distr: 3, log: 10 } },
      axes: [
        axis(theme, 'epoch', { incrs: [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000] }),
        axis(theme, 'loss (logarithmic)', {
          size: 50,
          values: (_, splits) => splits.map((value) => (isRoundOnLogAxis(value) ? figure(value) : '')),
        }),
      ],
      cursor: { drag: { x: false, y: false } },
      series: [
        {},
        { label: 'train', stroke: theme.train, dash: [2, 3], width: 2, points: { show: false } },
        { label: 'validation', stroke: theme.normal, width: 2, points: { show: false } },
      ],
    },
  }));
}

/** 1, 2 and 5 times a power of ten. */
function isRoundOnLogAxis(value: number): boolean {
  const mantissa = Number((value / 10 ** Math.floor(Math.log10(value) + 1e-9)).toPrecision(3));
  return mantissa === 1 || mantissa === 2 || mantissa === 5;
}
