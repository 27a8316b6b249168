import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';

export default defineConfig({
  // Tests read the TypeScript sources of every package, so that a test run needs no build of what it tests.
  resolve: { conditions: ['edgeguard-source'] },
  ssr: { resolve: { conditions: ['edgeguard-source'] } },
  test: {
    setupFiles: ['./vitest.setup.ts'],
    include: ['{packages,apps,tools}/*/test/**/*.test.ts'],
    // Every core: by default one is left idle, which on two cores means one file after the other.
    maxWorkers: availableParallelism(),
    testTimeout: 60_000,
    hookTimeout: 120_000,
  },
});
