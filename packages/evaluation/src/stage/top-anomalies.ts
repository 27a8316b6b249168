import type { EvaluationDocument } from '../evaluation-document.ts';
import { type Detector, explainRow, pValue } from '@edgeguard/detection';
import { labelCode } from '../metrics/labelled-rows.ts';
import type { RowBlock } from './read-blocks.ts';

/** Rows kept of normal traffic: false alarms are what people want explained. */
const NORMAL_ROWS = 6;
/** Rows kept of each attack. */
const ATTACK_ROWS = 2;
/** Attacks that are shown at most. */
const MAX_ATTACKS = 12;
/** Features named per row. */
const CONTRIBUTIONS = 3;

interface Candidate {
  readonly score: number;
  readonly place: number;
  readonly time: bigint | undefined;
  readonly label: number;
  readonly attack: number;
  readonly values: Float32Array;
}

/** Keeps the rows with the highest scores of normal traffic and of each attack while the test split passes by. */
export class TopAnomalies {
  readonly #width: number;
  readonly #best = new Map<string, Candidate[]>();

  constructor(width: number) {
    this.#width = width;
  }

  /** Takes a block with the scores of its rows. */
  look(block: RowBlock, scores: Float32Array): void {
    const normal = labelCode('normal');
    const attack = labelCode('attack');
    for (let row = 0; row < block.count; row++) {
      const label = block.label[row]!;
      if (label !== normal && label !== attack) continue;
      const group = label === normal ? 'normal' : `attack ${block.attack[row]!}`;
      const wanted = label === normal ? NORMAL_ROWS : ATTACK_ROWS;
      const best = this.#best.get(group) ?? [];
      const score = scores[row]!;
      if (best.length === wanted && score <= best.at(-1)!.score) continue;
      const values = block.rows.slice(row * this.#width, (row + 1) * this.#width);
      const place = block.place[row]!;
      best.push({ score, place, time: block.time?.[row], label, attack: block.attack[row]!, values });
      best.sort((a, b) => b.score - a.score || a.place - b.place);
      best.length = Math.min(best.length, wanted);
      this.#best.set(group, best);
    }
  }

  /** The rows with the reasons for their scores, highest score first. */
  explain(detector: Detector, attackNames: readonly string[]): EvaluationDocument['topAnomalies'] {
    const attacks = [...this.#best].filter(([group]) => group !== 'normal');
    const shown = attacks.sort(([, a], [, b]) => b[0]!.score - a[0]!.score).slice(0, MAX_ATTACKS);
    const candidates = [...(this.#best.get('normal') ?? []), ...shown.flatMap(([, best]) => best)];
    candidates.sort((a, b) => b.score - a.score || a.place - b.place);
    const { document } = detector;
    return candidates.map(({ score, place, time, label, attack, values }) => {
      const { expected, featureErrors } = detector.explain(values, 1);
      const reasons = explainRow(detector, { row: values, expected, featureErrors }, { top: CONTRIBUTIONS });
      return {
        row: place,
        time: time === undefined ? null : String(time),
        label: label === labelCode('normal') ? 'normal' : 'attack',
        attack: label === labelCode('attack') ? attackNames[attack]! : '',
        score,
        alert: score > document.threshold.value,
        pValue: pValue(document.pValues, score),
        reasons: reasons.map(({ feature, share, text }) => ({ feature, share, text })),
      };
    });
  }
}
