import { type Column, type DatasetSchema, type FeatureColumn, featuresOf, UserError } from '@edgeguard/contracts';

/** The columns of a dataset that splitting looks at. */
export interface DatasetColumns {
  readonly features: readonly FeatureColumn[];
  /** Ground truth, one of the four labels. */
  readonly label: Column;
  /** The instant of a row; without one rows have no order in time. */
  readonly time: Column | undefined;
  /** Names the source file of a row. */
  readonly file: Column | undefined;
}

/**
 * Finds the columns by their roles.
 *
 * @param place names the dataset in errors
 * @throws UserError when there is no feature or no label
 */
export function findColumns(schema: DatasetSchema, place: string): DatasetColumns {
  const features = featuresOf(schema);
  if (features.length === 0) throw new UserError(place, 'no column is a feature', 'give columns the role feature');
  const label = schema.columns.find(({ role, type, name }) => role === 'label' && type === 'utf8' && name === 'label');
  if (!label) throw new UserError(place, 'it has no column `label` of role label', 'run the stage collect again');
  return {
    features,
    label,
    time: schema.columns.find(({ role, type }) => role === 'time' && type === 'timestamp'),
    file: schema.columns.find(({ role, type }) => role === 'split' && type === 'utf8'),
  };
}
