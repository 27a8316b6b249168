import { copyFile, readdir, readFile, writeFile } from 'node:fs/promises';
import { readJson } from '@edgeguard/contracts';
import { DatasetReader } from '@edgeguard/contracts/arrow';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type EvaluationDocument, EvaluationSchema } from '../../src/index.ts';
import { HOSTILE_NAME, makeRows, SampleWorkspace } from '../support/sample-workspace.ts';
import { axisPercent, figure, percent } from '../../src/report-client/format.ts';
import { summaryLines } from '../../src/stage/summary-lines.ts';

const SPLITS = {
  train: makeRows(1, 600),
  validation: makeRows(2, 200),
  calibration: makeRows(3, 400),
  test: [
    ...makeRows(4, 500, { scan: 40, [HOSTILE_NAME]: 25 }),
    ...makeRows(5, 30).map((row) => ({ ...row, label: 'collateral' })),
    { values: [1, 1, Number.NaN, 1, 1, 1], label: 'normal', attack: '' },
  ],
};

describe('the stage', () => {
  let workspace: SampleWorkspace;
  let document: EvaluationDocument;

  beforeAll(async () => {
    workspace = await SampleWorkspace.create(SPLITS);
    await workspace.evaluate();
    document = await readJson(workspace.path('evaluate', 'evaluation.json'), EvaluationSchema);
  });
  afterAll(() => workspace.remove());

  it('counts rows by what they are and leaves out those with NaN', () => {
    expect(document.splits.test).toMatchObject({
      rows: 595,
      normal: 500,
      attack: 65,
      collateral: 30,
      unknown: 0,
      notFinite: 1,
    });
    expect(document.splits.train.rows).toBe(600);
  });

  it('gives the figures that its own scores give, counted anew', async () => {
    const scored = await readScores(workspace.path('evaluate', 'scores.arrow'));
    const test = scored.filter(({ split }) => split === 'test');
    expect(test).toHaveLength(595);
    for (const detector of document.detectors) {
      const above = (label: string): number =>
        test.filter((row) => row.label === label && row.scores[detector.name]! > detector.threshold.value).length;
      expect(detector.atThreshold.truePositives).toBe(above('attack'));
      expect(detector.atThreshold.falsePositives).toBe(above('normal'));
      expect(detector.atThreshold.collateral.alerts).toBe(above('collateral'));
      expect(detector.atThreshold.trueNegatives).toBe(500 - above('normal'));
      expect(detector.atThreshold.detectionRate!.value).toBeGreaterThan(0.9);
    }
  });

  it('holds baselines to the budget of the detector, on the calibration rows', async () => {
    const scored = await readScores(workspace.path('evaluate', 'scores.arrow'));
    const calibration = scored.filter(({ split }) => split === 'calibration');
    expect(document.baselines.map(({ name }) => name)).toEqual(expect.arrayContaining(['z-score', 'pca']));
    for (const { name, threshold, falseAlarmsBySplit } of document.baselines) {
      expect(threshold).toMatchObject({ falseAlarmRate: 0.02, confidence: 0.9, rows: 400 });
      const atLeast = calibration.filter((row) => row.scores[name.replaceAll('-', '_')]! >= threshold.value).length;
      expect(atLeast).toBe(threshold.rank);
      expect(falseAlarmsBySplit.calibration!.value).toBeCloseTo((threshold.rank - 1) / 400, 12);
    }
  });

  it('joins alerts to episodes and times the first alert of each attack', () => {
    for (const { episodes, atThreshold } of document.detectors) {
      const { truePositives, falsePositives, collateral } = atThreshold;
      expect(episodes!.alerts).toBe(truePositives + falsePositives + collateral.alerts);
      // One row a minute and the same pair: the alerts of an attack run into each other.
      expect(episodes!.openedByAttack).toBeLessThan(6);
      expect(episodes!.openedByAttack).toBeGreaterThan(0);
      expect(episodes!.total).toBeLessThanOrEqual(episodes!.openedByAttack + falsePositives + collateral.alerts);
      expect(episodes!.spans).toHaveLength(episodes!.total);
      expect(episodes!.spans.reduce((sum, { alerts }) => sum + alerts, 0)).toBe(episodes!.alerts);
      expect(episodes!.spans.filter(({ attack }) => attack !== '')).toHaveLength(episodes!.openedByAttack);
      for (const { secondsToAlert } of atThreshold.perAttack) expect(secondsToAlert).toBeLessThan(10 * 60);
    }
    for (const { episodes } of document.baselines) expect(episodes).toBeNull();
  });

  it('tells in its summary what was promised and what came of it, for each detector', () => {
    const lines = summaryLines(document);
    for (const { name, budgets, episodeBudgets } of document.detectors) {
      const head = lines.findIndex((text) => text.startsWith(`${name}, promised at most (90 %)`));
      for (const [i, { realised, expectedRate, falseAlarmRate, episodesPerDay }] of budgets.entries()) {
        const cells = lines[head + 1 + i]!.split(/ {2,}/);
        expect(cells.slice(0, 3)).toEqual([
          `${axisPercent(falseAlarmRate)} of rows`,
          percent(expectedRate),
          percent(realised!.value),
        ]);
        expect(cells[4]).toBe(figure(episodesPerDay!.value));
      }
      for (const [i, { perDay, realised }] of episodeBudgets.entries()) {
        const cells = lines[head + 1 + budgets.length + i]!.split(/ {2,}/);
        expect([cells[0], cells[4]]).toEqual([`${perDay} episodes a day`, figure(realised!.value)]);
      }
    }
  });

  it('promises episodes a day from the curve of calibration, and counts those of normal test rows anew', () => {
    for (const { episodeBudgets, budgets, splits, days } of document.detectors.map((one) => ({
      ...one,
      splits: document.splits,
      days: document.splits.test.time!.days,
    }))) {
      // 400 minutes can promise 2.3 / (400 / 1440) = 8.3 episodes a day with 90 % confidence, and not 5.
      expect(episodeBudgets.at(-1)!.perDay).toBe(10);
      for (const { perDay, realised, expectedPerDay, threshold, falseAlarmRate } of episodeBudgets) {
        expect(expectedPerDay).toBeLessThan(perDay);
        expect(threshold).toBeGreaterThan(0);
        // An episode has an alarm at least, and the 500 normal rows are joined by their one target.
        expect(realised!.value * days).toBeLessThanOrEqual(falseAlarmRate!.value * splits.test.normal + 1e-9);
        expect(realised!.interval[1]).toBeGreaterThan(realised!.value);
      }
      const above = budgets.filter(({ episodesPerDay: one, falseAlarmsPerDay: all }) => one && one.value > all! + 1e-9);
      expect(above).toEqual([]);
    }
  });

  it('tells in its summary what remains on deduplicated rows', () => {
    const lines = summaryLines(document);
    const { normal, attack } = document.splits.test;
    const [{ onNewRows }] = document.detectors as [EvaluationDocument['detectors'][number]];
    const repeats = { ...onNewRows, normal: normal - 7, attack: attack - 1, rocAuc: 0.5 };
    const lessNew = { ...document, detectors: document.detectors.map((one) => ({ ...one, onNewRows: repeats })) };
    expect(lines).toContain('deduplicated rows: no test row repeats another');
    const found = summaryLines(lessNew).filter((line) => line.includes('deduplicated') || line.includes('on them'));
    expect(found).toHaveLength(1 + document.detectors.length);
    expect(found[0]).toContain(`deduplicated rows: ${normal - 7} normal and ${attack - 1} attack rows`);
    expect(found[1]).toMatch(/^float32 on them: detection [\d.]+ %, false alarms [\d.]+ %, ROC-AUC 0\.500, PR-AUC/);
  });

  it('prints what was promised beside what came of it, for budgets that the calibration rows support', () => {
    for (const { budgets, threshold } of [...document.detectors, ...document.baselines]) {
      // 400 rows support 1 % with 90 % confidence, which needs 230, and not 0.5 %, which needs 460.
      expect(budgets.map(({ falseAlarmRate }) => falseAlarmRate)).toEqual([0.05, 0.02, 0.01]);
      expect(budgets[1]!.threshold).toBeCloseTo(threshold.value, 6);
      for (const { realised, falseAlarmRate } of budgets) expect(realised!.value).toBeLessThan(3 * falseAlarmRate);
    }
  });

  it('explains the highest scores by the feature that was moved', () => {
    const scan = document.topAnomalies.filter(({ attack }) => attack === 'scan');
    expect(scan).toHaveLength(2);
    for (const { reasons, alert, pValue } of scan) {
      expect(reasons[0]!.feature).toBe('packets');
      expect(alert).toBe(true);
      expect(pValue).toBeCloseTo(1 / 401, 12);
    }
    expect(document.topAnomalies.filter(({ label }) => label === 'normal')).toHaveLength(6);
  });

  it('gives the same bytes again', async () => {
    const before = await readFile(workspace.path('evaluate', 'digest.json'), 'utf8');
    await workspace.evaluate();
    expect(await readFile(workspace.path('evaluate', 'digest.json'), 'utf8')).toBe(before);
    expect(Object.keys(JSON.parse(before).files)).toEqual(['evaluation.json', 'report.html', 'scores.arrow']);
  });

  it('prints the main figures and the path of the report', () => {
    const text = workspace.log.join('\n');
    expect(text).toMatch(/float32 .*%/);
    expect(text).toContain(workspace.path('evaluate', 'report.html'));
  });

  it('lets no name out of its place in the report', async () => {
    const page = await readFile(workspace.path('evaluate', 'report.html'), 'utf8');
    expect(page).not.toContain(HOSTILE_NAME);
    expect(page).not.toContain('<img');
    expect(page).toContain('&lt;/script&gt;&lt;img src=x onerror=&quot;alert(1)&quot;&gt;&#39;&amp;');
    const data = /<script type="application\/json" id="report-data">(.*?)<\/script>/s.exec(page)![1]!;
    expect(JSON.stringify(JSON.parse(data))).toContain(JSON.stringify(HOSTILE_NAME).slice(1, -1));
  });
});

describe('a split that is not what it should be', () => {
  let workspace: SampleWorkspace;
  beforeEach(async () => {
    workspace = await SampleWorkspace.create(SPLITS);
  });
  afterEach(() => workspace.remove());

  it('is refused when it was used for calibration and now poses as test', async () => {
    await copyFile(workspace.path('preprocess', 'calibration.arrow'), workspace.path('preprocess', 'test.arrow'));
    await expect(workspace.evaluate()).rejects.toThrow(/used as the calibration split already/);
  });

  it('is refused when it is not the one that the detector was made with', async () => {
    await copyFile(workspace.path('preprocess', 'test.arrow'), workspace.path('preprocess', 'validation.arrow'));
    await expect(workspace.evaluate()).rejects.toThrow(/not the validation split that the model has used/);
  });

  it('leaves nothing behind when the stage fails', async () => {
    await copyFile(workspace.path('preprocess', 'calibration.arrow'), workspace.path('preprocess', 'test.arrow'));
    await expect(workspace.evaluate()).rejects.toThrow('test.arrow');
    expect(await readdir(workspace.location.artifacts)).toEqual(['convert', 'preprocess', 'train']);
  });
});

describe('a detector that was changed', () => {
  it('is refused', async () => {
    const workspace = await SampleWorkspace.create(SPLITS);
    try {
      const path = workspace.path('convert', 'detector.int8.tflite');
      const bytes = await readFile(path);
      bytes[200]! ^= 1;
      await writeFile(path, bytes);
      await expect(workspace.evaluate()).rejects.toThrow(/detector\.int8\.tflite/);
    } finally {
      await workspace.remove();
    }
  });
});

describe('a test split without attacks', () => {
  it('gives false alarms, says that nothing is known about detection, and still makes a report', async () => {
    const workspace = await SampleWorkspace.create({ ...SPLITS, test: makeRows(8, 300) });
    try {
      await workspace.evaluate();
      const document = await readJson(workspace.path('evaluate', 'evaluation.json'), EvaluationSchema);
      for (const { atThreshold, oracle, bootstrap } of [...document.detectors, ...document.baselines]) {
        expect(atThreshold).toMatchObject({ detectionRate: null, f1: null, macroDetectionRate: null, perAttack: [] });
        expect(atThreshold.falseAlarmRate).not.toBeNull();
        expect(oracle).toMatchObject({ rocAuc: null, prAuc: null });
        expect(bootstrap).toMatchObject({ rocAuc: null, rocBand: null });
      }
      expect(document.notes.join(' ')).toContain('holds no attacks');
      expect(await readFile(workspace.path('evaluate', 'report.html'), 'utf8')).toContain('there is no ROC');
    } finally {
      await workspace.remove();
    }
  });
});

describe('rows that were seen before', () => {
  it('are counted, told in a note, and left out of the figures on new rows', async () => {
    const repeated = SPLITS.train.slice(0, 100);
    const workspace = await SampleWorkspace.create({ ...SPLITS, test: [...SPLITS.test, ...repeated] });
    try {
      await workspace.evaluate();
      const { dataChecks, detectors, notes } = await readJson(
        workspace.path('evaluate', 'evaluation.json'),
        EvaluationSchema,
      );
      expect(dataChecks.sharedRows).toEqual({ normalSeenBefore: 100, attackSeenBefore: 0, repeated: 0 });
      expect(detectors[0]!.onNewRows).toMatchObject({ normal: 500, attack: 65 });
      expect(notes.join(' ')).toContain('100 of the 665 counted test rows');
    } finally {
      await workspace.remove();
    }
  });
});

interface ScoredRow {
  readonly split: string;
  readonly label: string;
  readonly scores: Readonly<Record<string, number>>;
}

async function readScores(path: string): Promise<ScoredRow[]> {
  const reader = await DatasetReader.open(path);
  const names = reader.schema.columns.filter(({ name }) => name.startsWith('score_')).map(({ name }) => name);
  const rows: ScoredRow[] = [];
  for await (const batch of reader.batches()) {
    const split = batch.strings('split');
    const label = batch.strings('label');
    const columns = names.map((name) => batch.floats(name));
    for (let i = 0; i < batch.length; i++) {
      const scores = Object.fromEntries(names.map((name, c) => [name.slice('score_'.length), columns[c]![i]!]));
      rows.push({ split: split[i]!, label: label[i]!, scores });
    }
  }
  await reader.close();
  return rows;
}

describe('data that give the label away', () => {
  async function evaluationOf(splits: typeof SPLITS, inOrder: boolean) {
    const workspace = await SampleWorkspace.create(splits, inOrder);
    try {
      await workspace.evaluate();
      return await readJson(workspace.path('evaluate', 'evaluation.json'), EvaluationSchema);
    } finally {
      await workspace.remove();
    }
  }

  it('are told by the feature that separates alone, and by that one only', async () => {
    const telling = { ...SPLITS, test: makeRows(4, 300, { flood: 60 }) };
    const { dataChecks, notes } = await evaluationOf(telling, true);
    expect(dataChecks.suspiciousFeatures).toEqual(['packets']);
    expect(notes.join(' ')).toContain('packets alone tells attacks from normal rows almost perfectly');
    const mixed = await evaluationOf(SPLITS, true);
    expect(mixed.dataChecks.suspiciousFeatures).toEqual([]);
    expect(mixed.notes.join(' ')).not.toContain('almost perfectly');
  });

  it('are told by splits whose times overlap', async () => {
    const overlapping = await evaluationOf(SPLITS, false);
    expect(overlapping.dataChecks.timeOrder).toBe('overlapping');
    const ordered = await evaluationOf(SPLITS, true);
    expect(ordered.dataChecks.timeOrder).toBe('ordered');
    const told = overlapping.notes.filter((note) => !ordered.notes.includes(note));
    expect(told.join(' ')).toMatch(/overlap/);
  });
});
