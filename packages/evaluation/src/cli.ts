#!/usr/bin/env node
import { runStageCommand } from '@edgeguard/contracts/stage';
import { evaluationStage } from './stage/evaluation-stage.ts';

await runStageCommand(evaluationStage);
