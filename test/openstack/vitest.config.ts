import { defineConfig } from 'vitest/config';

// One Keystone and one glance-api serve the whole run, so the files take turns. Everything slow here is Glance's own
// start; the limits are for a loaded machine.
export default defineConfig({
  test: {
    root: import.meta.dirname,
    include: ['**/*.test.ts'],
    fileParallelism: false,
    globalSetup: ['support/global-setup.ts'],
    testTimeout: 120_000,
    hookTimeout: 180_000,
    teardownTimeout: 60_000,
    reporters: process.env['CI'] === undefined ? ['default'] : ['default', 'json'],
    outputFile: { json: '../../test-results/openstack.json' },
  },
});
