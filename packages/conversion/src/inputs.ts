import {
  type MeteringSettings,
  MeteringSettingsSchema,
  parseJson,
  readJson,
  type ScorerDocument,
  ScorerSchema,
  sha256OfFile,
  type SplitUses,
  type TransformDocument,
  TransformSchema,
  UserError,
  useSplit,
} from '@edgeguard/contracts';
import { DatasetReader } from '@edgeguard/contracts/arrow';
import type { StageContext } from '@edgeguard/contracts/stage';
import { type AutoencoderFiles, readAutoencoderFiles } from './source/autoencoder-files.ts';

/** What the stage reads, checked. */
export interface ConversionInputs {
  readonly transform: TransformDocument;
  readonly scorer: ScorerDocument;
  readonly autoencoder: AutoencoderFiles;
  readonly trainPath: string;
  readonly calibrationPath: string;
  readonly metering: MeteringSettings | undefined;
  /** Digests of the files, by their names for the stage. */
  readonly digests: Record<string, string>;
  /** Splits that were used before, and calibration. */
  readonly splits: SplitUses;
}

/** Reads the stage's inputs. Throws a UserError when they do not belong together, or a split was used before. */
export async function readInputs(context: StageContext): Promise<ConversionInputs> {
  const files = {
    transform: context.input('preprocess', 'transform.json'),
    train: context.input('preprocess', 'train.arrow'),
    calibration: context.input('preprocess', 'calibration.arrow'),
    model: context.input('train', 'model.json'),
    scorer: context.input('train', 'scorer.json'),
  };
  const transform = await readJson(files.transform, TransformSchema);
  const scorer = await readJson(files.scorer, ScorerSchema);
  const weightPaths: string[] = [];
  const autoencoder = await readAutoencoderFiles(files.model, (name) => {
    const path = context.input('train', name);
    weightPaths.push(path);
    return path;
  });
  const inputs = transform.outputs.length;
  if (scorer.mean.length !== inputs || scorer.whitening.length !== inputs * inputs) {
    throw new UserError(
      files.scorer,
      `it is for ${scorer.mean.length} model inputs where the transform gives ${inputs}`,
      'run the stage train again',
    );
  }
  const { centres, deviations } = scorer.distance ?? { centres: scorer.mean, deviations: scorer.mean };
  if (centres.length === 0 || centres.length % inputs !== 0 || deviations.length !== centres.length) {
    throw new UserError(
      files.scorer,
      `its centres have ${centres.length} values and ${deviations.length} deviations, not some for each of ${inputs} model inputs`,
      'run the stage train again',
    );
  }
  const digests: Record<string, string> = {
    'preprocess/transform.json': await sha256OfFile(files.transform),
    'preprocess/train.arrow': await sha256OfFile(files.train),
    'preprocess/calibration.arrow': await sha256OfFile(files.calibration),
    'train/model.json': await sha256OfFile(files.model),
    'train/scorer.json': await sha256OfFile(files.scorer),
  };
  for (const [index, path] of weightPaths.entries()) digests[`train/weights ${index + 1}`] = await sha256OfFile(path);
  const merged = mergeSplits(files.scorer, transform.splits, scorer.splits);
  const trained = useSplit(merged, 'train', files.train, digests['preprocess/train.arrow']!);
  const splits = useSplit(trained, 'calibration', files.calibration, digests['preprocess/calibration.arrow']!);
  return {
    transform,
    scorer,
    autoencoder,
    trainPath: files.train,
    calibrationPath: files.calibration,
    metering: await readMetering(files.calibration),
    digests,
    splits,
  };
}

/** The transform and the scorer have to come from the same run of the stages. */
function mergeSplits(place: string, transform: SplitUses, scorer: SplitUses): SplitUses {
  if (transform.train !== undefined && scorer.train !== undefined && transform.train !== scorer.train) {
    throw new UserError(place, 'it was fitted with another transform', 'run the stage train again');
  }
  return { ...transform, ...scorer };
}

/**
 * The metering settings that flows.arrow was made with and the splits carry on; absent for tables. Refuses a dataset that
 * `edgeguard.origin` marks as `verdict`.
 */
async function readMetering(path: string): Promise<MeteringSettings | undefined> {
  const reader = await DatasetReader.open(path);
  try {
    if (reader.metadata.get('edgeguard.origin') === 'verdict') {
      throw new UserError(
        path,
        'its rows were chosen by verdicts on alerts: a threshold that is set on them promises nothing',
        'calibrate with rows that no detector chose; verdicts may serve suppressions and training',
      );
    }
    const text = reader.metadata.get('edgeguard.metering');
    if (text === undefined) return undefined;
    return parseJson(`${path}: edgeguard.metering`, Buffer.from(text), MeteringSettingsSchema);
  } finally {
    await reader.close();
  }
}
