// Compares settings of `train` by what their detectors find in a pipeline's labelled test split. Every run of it that a
// choice is based on belongs into docs/selection-ledger.md.
//
//   node packages/training/trials/compare.mjs --pipeline nsl-kdd --seeds 1,2 '{}' '{"denoising":0.1}' …
//
// Each JSON object replaces some settings of `train`; `transform` in it those of `preprocess.transform`. The pipeline's
// `--attacks` adds, for every attack name left out in turn, the ROC-AUC of the others, and its own. The pipeline's
// preprocess target must have been run, and the packages must have been built. The scores are computed in plain
// JavaScript, so what int8 or an engine rounds is not in them.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { PipelineConfigSchema, UsageError } from '@edgeguard/contracts';
import { DatasetReader } from '@edgeguard/contracts/arrow';
import { artifactsFolder, findWorkspaceRoot, readPipelineConfig } from '@edgeguard/contracts/stage';
import { DistanceScorer, ResidualScorer } from '@edgeguard/detection';
import { fitTransform, keepFiniteRows, markFiniteRows, RowEncoder, TransformEvaluator } from '@edgeguard/transform';
import {
  addDistance,
  fitScorer,
  loadSplit,
  pauseFor,
  residualMoments,
  trainAutoencoder,
  WindowedRows,
} from '@edgeguard/training';
import { familyWeighted } from './families.mjs';
import { averagePrecision, detectionAtOnePercent, onePercentThreshold, rocAuc } from './ranking.mjs';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    pipeline: { type: 'string' },
    seeds: { type: 'string', default: '1' },
    attacks: { type: 'boolean', default: false },
  },
});
if (!values.pipeline) throw new UsageError('name a pipeline: --pipeline <name>');
const root = findWorkspaceRoot(import.meta.dirname);
const splits = join(artifactsFolder(root, values.pipeline), 'preprocess');
const config = await readPipelineConfig(join(root, 'data', 'pipelines', values.pipeline));
const signal = new AbortController().signal;
/** Networks by the train rows, then by settings and seed. */
const trainings = new WeakMap();
/** Splits by the settings of the transform. */
const prepared = new Map();
const scratch = await mkdtemp(join(tmpdir(), 'edgeguard-trial-'));

console.log(
  `pipeline ${values.pipeline}; per seed: ROC-AUC, average precision, detection at 1 % (oracle), macro ROC-AUC` +
    '; on NSL-KDD ROC-AUC and detection at 1 % with the families weighted as in KDDTest+',
);
try {
  for (const text of positionals.length > 0 ? positionals : ['{}']) {
    const { transform = {}, ...train } = JSON.parse(text);
    const full = PipelineConfigSchema.parse({
      ...config,
      preprocess: { ...config.preprocess, transform: { ...config.preprocess.transform, ...transform } },
      train: { ...config.train, ...train, network: { ...config.train.network, ...train.network } },
    });
    const key = JSON.stringify(full.preprocess.transform);
    if (!prepared.has(key)) prepared.set(key, await prepare(full.preprocess.transform));
    const data = prepared.get(key);
    const lines = [];
    for (const seed of values.seeds.split(',').map(Number)) lines.push(await trial(data, full.train, seed));
    console.log(`${text}: ${lines.map(describe).join(' | ')}`);
    if (values.attacks) for (const name of [...lines[0].each.keys()].sort()) console.log(leaveOut(name, lines));
  }
} finally {
  await rm(scratch, { recursive: true });
}

/** The splits as model inputs, by a transform with these settings. */
async function prepare(settings) {
  const reader = await DatasetReader.open(join(splits, 'train.arrow'));
  const fit = { schema: reader.schema, rows: reader.batches(), config: settings, splits: {}, seed: config.seed };
  const transform = await fitTransform(fit);
  await reader.close();
  const load = (name) => loadSplit(join(splits, `${name}.arrow`), transform, join(scratch, name), signal);
  const [train, validation] = [await load('train'), await load('validation')];
  return { transform, clipSigma: settings.clipSigma, train, validation, test: await loadTest(transform) };
}

/** The test split with its labels, which {@link loadSplit} refuses. */
async function loadTest(transform) {
  const path = join(splits, 'test.arrow');
  const reader = await DatasetReader.open(path);
  const encoder = new RowEncoder(reader.schema, transform, path);
  const evaluator = new TransformEvaluator(transform);
  const parts = [];
  for await (const batch of reader.batches()) {
    const raw = new Float32Array(batch.length * encoder.width);
    encoder.encode(batch, raw);
    const finite = new Uint8Array(batch.length);
    markFiniteRows(raw, batch.length, encoder.width, finite);
    const rows = keepFiniteRows(raw, batch.length, encoder.width);
    const inputs = new Float32Array(rows * evaluator.outputWidth);
    const excess = new Float32Array(rows * encoder.width);
    evaluator.apply(raw, rows, inputs, excess);
    const kept = (name) => batch.strings(name).filter((_, row) => finite[row] === 1);
    parts.push({ rows, inputs, excess, labels: kept('label'), attacks: kept('attack') });
  }
  await reader.close();
  return parts;
}

async function trial({ transform, clipSigma, train, validation, test }, settings, seed) {
  const { outputs } = transform;
  const task = { train: train.inputs, validation: validation.inputs, config: settings, outputs, seed, signal };
  const { network, validation: rows } = await trainOnce(task);
  // Test rows take the place of train rows in the network, so these are read again.
  const trained = { network, validation: rows, train: new WindowedRows(network, train.inputs, 0, network.partRows) };
  const pause = pauseFor(signal);
  const moments = await residualMoments(network, rows, pause);
  const { distance, ...penalty } = settings.scorer;
  let scorer = fitScorer({ moments, penalty, shrinkage: settings.shrinkage, clipSigma, splits: {} });
  const all = { train: Number.POSITIVE_INFINITY, validation: Number.POSITIVE_INFINITY };
  if (distance) scorer = await addDistance({ scorer, settings: distance, trained, largestErrors: all, seed, pause });
  const normal = [];
  const byAttack = new Map();
  for (const part of test) {
    const scores = scoresOf(network, scorer, part, transform);
    for (const [row, score] of scores.entries()) {
      if (part.labels[row] === 'normal') normal.push(score);
      if (part.labels[row] !== 'attack') continue;
      const name = part.attacks[row];
      if (!byAttack.has(name)) byAttack.set(name, []);
      byAttack.get(name).push(score);
    }
  }
  const attack = [...byAttack.values()].flat();
  const threshold = onePercentThreshold(normal);
  const each = new Map(
    [...byAttack].map(([name, scores]) => [
      name,
      { rows: scores.length, auc: rocAuc(normal, scores), detection: shareAbove(scores, threshold) },
    ]),
  );
  return {
    auc: rocAuc(normal, attack),
    precision: averagePrecision(normal, attack),
    detection: detectionAtOnePercent(normal, attack),
    macro: mean([...each.values()].map(({ auc }) => auc)),
    weighted: familyWeighted(each),
    each,
  };
}

/** Trains, unless settings and seed are those of a training before but for the scorer. */
async function trainOnce(task) {
  const { scorer: _scorer, shrinkage: _shrinkage, ...decisive } = task.config;
  const key = JSON.stringify([decisive, task.seed]);
  let byKey = trainings.get(task.train);
  if (!byKey) trainings.set(task.train, (byKey = new Map()));
  if (!byKey.has(key)) byKey.set(key, await trainAutoencoder(task));
  return byKey.get(key);
}

/** The score as `ScorerSchema` of contracts defines it. */
function scoresOf(network, scorer, { rows, inputs, excess }, { outputs, schema }) {
  const width = outputs.length;
  const features = schema.features.length;
  const residual = new Float32Array(rows * width);
  for (let first = 0; first < rows; first += network.partRows) {
    const count = Math.min(network.partRows, rows - first);
    for (let row = 0; row < count; row++) {
      network.order[row] = row;
      network.rows.set(inputs.subarray((first + row) * width, (first + row + 1) * width), row * network.stride);
    }
    const reconstruction = network.reconstruct(0, count);
    for (let row = 0; row < count; row++) {
      for (let i = 0; i < width; i++) {
        const at = (first + row) * width + i;
        residual[at] = inputs[at] - reconstruction[row * network.stride + i];
      }
    }
  }
  const scores = new Float64Array(rows);
  const shares = new Float32Array(rows * features);
  new ResidualScorer(scorer, outputs, features).score(residual, excess, rows, shares, scores);
  const { penalty, distance } = scorer;
  if (distance) new DistanceScorer(penalty, distance, outputs, features).add(inputs, rows, shares, scores);
  return scores;
}

function describe({ auc, precision, detection, macro, weighted }) {
  const families = weighted ? [weighted.auc.toFixed(4), weighted.detection.toFixed(3)] : [];
  return [auc.toFixed(4), precision.toFixed(4), detection.toFixed(3), macro.toFixed(4), ...families].join(' ');
}

/** One line per attack name: its rows, its own ROC-AUC, and that of all other attacks together. */
function leaveOut(left, lines) {
  const figures = lines.map(({ each }) => {
    const others = [...each].filter(([name]) => name !== left).map(([, figure]) => figure);
    const rows = others.reduce((sum, figure) => sum + figure.rows, 0);
    // ROC-AUC is a mean over attacks, so that of some of them is the weighted mean of their own.
    const auc = others.reduce((sum, figure) => sum + (figure.auc * figure.rows) / rows, 0);
    return `${each.get(left).auc.toFixed(4)}, others ${auc.toFixed(4)}`;
  });
  return `  ${left} (${lines[0].each.get(left).rows}): ${figures.join(' | ')}`;
}

function shareAbove(scores, threshold) {
  return scores.filter((score) => score > threshold).length / scores.length;
}

function mean(values) {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
