// Runs the stage `train` in a process of its own, whose memory is then all that the stage takes.
// usage: train-stage.js <pipeline folder> <artifacts folder>; prints one JSON object.
import { createLogger, runStage } from '@edgeguard/contracts/stage';
import { trainingStage } from '@edgeguard/training';

const [pipelineFolder, artifacts] = process.argv.slice(2);
if (!pipelineFolder || !artifacts) throw new Error('usage: train-stage.js <pipeline folder> <artifacts folder>');
const signal = new AbortController().signal;
await runStage(trainingStage, { pipelineFolder, artifacts }, signal, createLogger('train', 'silent'));
const { user, system } = process.cpuUsage();
const peakBytes = process.resourceUsage().maxRSS * 1024;
process.stdout.write(`${JSON.stringify({ cpuSeconds: (user + system) / 1e6, peakBytes })}\n`);
