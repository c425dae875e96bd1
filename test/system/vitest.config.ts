import { defineConfig } from 'vitest/config';

// What takes root and Debian's packages, and no Keystone or Glance: faults injected into system calls, file systems that
// fill up or are mounted read-only, other users.
export default defineConfig({
  test: {
    root: import.meta.dirname,
    setupFiles: ['../support/seed-properties.ts'],
    include: ['**/*.test.ts'],
    globalSetup: ['global-setup.ts'],
    testTimeout: 120_000,
    // To clear away a hundred thousand files takes a disk its time.
    hookTimeout: 120_000,
    reporters: process.env['CI'] === undefined ? ['default'] : ['default', 'json'],
    outputFile: { json: '../../test-results/system.json' },
  },
});
