#!/usr/bin/env node
import { runStageCommand } from '@edgeguard/contracts/stage';
import { trainingStage } from './stage.ts';

await runStageCommand(trainingStage);
