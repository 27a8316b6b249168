export { collectionStage } from './stage.ts';
