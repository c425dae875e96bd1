import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';

// Everything that needs no root and no system package. The tests against a real Keystone and Glance have their own
// configuration in openstack/.
export default defineConfig({
  test: {
    root: import.meta.dirname,
    setupFiles: ['support/seed-properties.ts'],
    include: ['{unit,property,contract,crash,fault,fuzz,model,neighbours,security,integration}/**/*.test.ts'],
    testTimeout: 30_000,
    hookTimeout: 30_000,
    // Vitest leaves a core idle, which is half of a small machine; and many tests wait, for a server or for a time to pass.
    maxWorkers: availableParallelism() + 1,
    reporters: process.env['CI'] === undefined ? ['default'] : ['default', 'json'],
    outputFile: { json: '../test-results/unit.json' },
  },
});
