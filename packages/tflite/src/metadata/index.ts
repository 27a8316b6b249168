export { appendAssociatedFiles, modelPart, readAssociatedFiles, type AssociatedFile } from './zip.ts';
export { modelDigest, sealFile, verifySeal } from './seal.ts';
export {
  buildMetadata,
  METADATA_NAME,
  modelMetadata,
  parseMetadata,
  withMetadata,
  type ModelDescription,
  type TensorDescription,
} from './model-metadata.ts';
