export { createLogger, type Logger } from './logger.ts';
export { createProgress, type Progress } from './progress.ts';
export { EXIT, Interrupted, runCommand } from './run-command.ts';
export {
  parseStageLocation,
  readPipelineConfig,
  runStage,
  runStageCommand,
  type StageContext,
  type StageDefinition,
  type StageLocation,
  type StageReport,
} from './run-stage.ts';
export { type Stage, type StageName, stageOf, STAGES } from './stages.ts';
export { artifactsFolder, dataFolder, findWorkspaceRoot } from './workspace.ts';
