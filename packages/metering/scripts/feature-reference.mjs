// Writes docs/features.md from the schema. Build the package first: `npx tsc -b packages/metering`.
import { writeFileSync } from 'node:fs';
import { featureReference } from '../dist/index.js';

const page = new URL('../../../docs/features.md', import.meta.url);
writeFileSync(page, featureReference());
