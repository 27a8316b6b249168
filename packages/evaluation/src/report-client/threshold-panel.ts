import { count, figure, percent, ratio } from './format.ts';
import type { DetectorView, ThresholdGrid } from './report-data.ts';

/** The slider and the figures beside it. */
export class ThresholdPanel {
  readonly #slider: HTMLInputElement;
  readonly #reset: HTMLButtonElement;
  readonly #onChange: (threshold: number) => void;
  #grid: ThresholdGrid;
  #confidence: number;

  /** @param onChange gets the threshold whenever the reader moves it */
  constructor(view: DetectorView, onChange: (threshold: number) => void) {
    this.#grid = view.grid;
    this.#confidence = view.confidence;
    this.#onChange = onChange;
    this.#slider = element<HTMLInputElement>('threshold');
    this.#reset = element<HTMLButtonElement>('threshold-reset');
    this.#slider.addEventListener('input', () => this.#changed());
    this.#reset.addEventListener('click', () => this.#moveTo(this.#grid.shipped));
    this.show(view);
  }

  show(view: DetectorView): void {
    this.#grid = view.grid;
    this.#confidence = view.confidence;
    this.#slider.max = String(view.grid.threshold.length - 1);
    this.#moveTo(view.grid.shipped);
  }

  /** Moves to the listed threshold that is nearest to a score, by their ratio. */
  moveToScore(score: number): void {
    const { threshold } = this.#grid;
    const distance = (index: number): number => Math.abs(Math.log(threshold[index]! / score));
    let best = 0;
    for (let index = 1; index < threshold.length; index++) if (distance(index) < distance(best)) best = index;
    this.#moveTo(best);
  }

  #moveTo(index: number): void {
    this.#slider.value = String(index);
    this.#changed();
  }

  #changed(): void {
    const index = Number(this.#slider.value);
    const grid = this.#grid;
    this.#slider.setAttribute('aria-valuetext', `score ${figure(grid.threshold[index]!)}`);
    this.#reset.disabled = index === grid.shipped;
    for (const [name, value] of Object.entries(figuresAt(grid, index, this.#confidence))) {
      element(`live-${name}`).textContent = value;
    }
    drawAttacks(grid, index);
    this.#onChange(grid.threshold[index]!);
  }
}

/** The figures at a threshold of the grid, as the page shows them. */
export function figuresAt(grid: ThresholdGrid, index: number, confidence: number): Record<string, string> {
  const falseAlarms = grid.falseAlarms[index]!;
  const detections = grid.detections[index]!;
  const missed = grid.attackRows - detections;
  const alerts = falseAlarms + detections;
  const perDay = (rows: number): string => (grid.days === null ? '–' : figure(rows / grid.days));
  const eachDay = (episodes: number | null): string => (episodes === null ? '–' : perDay(episodes));
  return {
    threshold: figure(grid.threshold[index]!),
    'true-positives': count(detections),
    'false-positives': count(falseAlarms),
    'false-negatives': count(missed),
    'true-negatives': count(grid.normalRows - falseAlarms),
    recall: percent(grid.attackRows === 0 ? null : detections / grid.attackRows),
    'false-alarm-rate': percent(grid.normalRows === 0 ? null : falseAlarms / grid.normalRows),
    precision: percent(alerts === 0 ? null : detections / alerts),
    f1: ratio(grid.attackRows === 0 ? null : (2 * detections) / (2 * detections + falseAlarms + missed)),
    'false-alarms-per-day': perDay(falseAlarms),
    'episodes-per-day': eachDay(grid.episodes[index]!),
    'expected-episodes':
      grid.expectedEpisodes[index] == null
        ? '–'
        : `${figure(grid.expectedEpisodes[index])} (at most ${figure(grid.episodeBound[index]!)})`,
    'alarms-per-day': perDay(alerts + grid.otherAlerts[index]!),
    bound: `${percent(grid.bound[index]!)} (${Number((confidence * 100).toPrecision(4))} % confidence)`,
    expected: percent(grid.expected[index]!),
  };
}

function drawAttacks(grid: ThresholdGrid, index: number): void {
  const rows = grid.perAttack.map(({ attack, rows: total, detections }) => {
    const found = detections[index]!;
    const row = document.createElement('tr');
    const name = document.createElement('th');
    name.scope = 'row';
    name.className = 'name';
    name.textContent = attack;
    const bar = document.createElement('meter');
    bar.max = 1;
    bar.value = found / total;
    bar.textContent = percent(found / total);
    row.append(name, cell(`${count(found)} of ${count(total)}`), cell(percent(found / total)), cell(bar));
    return row;
  });
  element('live-attacks').replaceChildren(...rows);
}

function cell(content: string | HTMLElement): HTMLTableCellElement {
  const made = document.createElement('td');
  made.append(content);
  return made;
}

/** The element with an id that the page is sure to have. */
export function element<E extends HTMLElement = HTMLElement>(id: string): E {
  const found = document.getElementById(id);
  if (!found) throw new Error(`the page has no element ${id}`);
  return found as E;
}
