import { defineConfig } from 'vitest/config';

export default defineConfig({
  // Tests read the TypeScript sources of every package, so that a test run needs no build of what it tests.
  resolve: { conditions: ['edgeguard-source'] },
  ssr: { resolve: { conditions: ['edgeguard-source'] } },
  test: {
    include: ['{packages,apps,tools}/*/test/**/*.test.ts'],
    testTimeout: 60_000,
    hookTimeout: 120_000,
  },
});
