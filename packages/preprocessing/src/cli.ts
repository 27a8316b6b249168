import { runStageCommand } from '@edgeguard/contracts/stage';
import { preprocessingStage } from './stage.ts';

await runStageCommand(preprocessingStage);
