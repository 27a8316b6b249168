import { runStageCommand } from '@edgeguard/contracts/stage';
import { collectionStage } from './stage.ts';

await runStageCommand(collectionStage);
