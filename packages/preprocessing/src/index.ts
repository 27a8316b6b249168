export { preprocessingStage } from './stage.ts';
