import { type FeatureColumn, type FeatureSchemaDocument, schemaHash, UserError } from '@edgeguard/contracts';

/** Throws a UserError that names the first feature in which rows and a detector's schema differ. */
export function assertSameFeatures(
  schema: FeatureSchemaDocument,
  features: readonly FeatureColumn[],
  place: string,
): void {
  if (schemaHash(features) === schema.hash) return;
  const problem = firstDifference(schema.features, features) ?? 'its features differ in a way that has no name';
  throw new UserError(
    place,
    `${problem}, but the detector was made for the schema ${schema.name}`,
    'use a detector that was trained on such rows',
  );
}

function firstDifference(
  wanted: FeatureSchemaDocument['features'],
  found: readonly FeatureColumn[],
): string | undefined {
  for (let i = 0; i < Math.max(wanted.length, found.length); i++) {
    const [want, have] = [wanted[i], found[i]];
    if (!have) return `the feature ${want!.name} is missing`;
    if (!want) return `the feature ${have.name} is one too many`;
    if (want.name !== have.name) return `feature ${i + 1} is ${have.name} in place of ${want.name}`;
    if (want.unit !== have.unit || want.kind !== have.kind) {
      return `the feature ${have.name} is a ${have.kind} in ${have.unit} in place of a ${want.kind} in ${want.unit}`;
    }
  }
  return undefined;
}
