import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** Their caches are made when the run begins, and have to be a minute old: see support/aged-caches.ts. */
const LAST = ['/adoption.test.ts', '/flipped-driver.test.ts'];

class AgedLast extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const isLast = ({ moduleId }: TestSpecification): boolean => LAST.some((name) => moduleId.endsWith(name));
    const byName = [...files].sort((a, b) => (a.moduleId < b.moduleId ? -1 : 1));
    return [...byName.filter((file) => !isLast(file)), ...byName.filter(isLast)];
  }
}

// One Keystone and one glance-api serve the whole run, so the files take turns. Everything slow here is Glance's own
// start; the limits are for a loaded machine.
export default defineConfig({
  test: {
    root: import.meta.dirname,
    setupFiles: ['../support/seed-properties.ts'],
    include: ['**/*.test.ts'],
    fileParallelism: false,
    sequence: { sequencer: AgedLast },
    globalSetup: ['support/global-setup.ts'],
    testTimeout: 120_000,
    hookTimeout: 180_000,
    teardownTimeout: 60_000,
    reporters: process.env['CI'] === undefined ? ['default'] : ['default', 'json'],
    outputFile: { json: '../../test-results/openstack.json' },
  },
});
