export { conversionStage } from './stage.ts';
export {
  type ArtifactVerification,
  VERIFICATION_FILE,
  type VerificationCheck,
  type VerificationDocument,
  VerificationSchema,
  type VerifiedEngine,
} from './verification/verification-document.ts';
