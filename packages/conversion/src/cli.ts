import { runStageCommand } from '@edgeguard/contracts/stage';
import { conversionStage } from './stage.ts';

await runStageCommand(conversionStage);
