import { defineConfig } from 'vitest/config';

// What takes real database servers: MariaDB and PostgreSQL from Debian's packages. Two of them serve the whole run, each
// test has a database of its own in there; a test that stops or hangs a server has a server of its own. The limits are
// for a loaded machine.
export default defineConfig({
  test: {
    root: import.meta.dirname,
    setupFiles: ['../support/seed-properties.ts'],
    include: ['**/*.test.ts'],
    globalSetup: ['support/global-setup.ts'],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    maxWorkers: '100%',
    reporters: process.env['CI'] === undefined ? ['default'] : ['default', 'json'],
    outputFile: { json: '../../test-results/databases.json' },
  },
});
