/**
 * Vitest's hook before each test file: properties that name no seed of their own have the seed of the run.
 */
import { readFileSync } from 'node:fs';
import { expect } from 'vitest';
import { seedOfRun } from './rounds.ts';

const { testPath } = expect.getState();

// Loading it takes longer than many of the other files do.
if (testPath !== undefined && /fast-check|\bany[A-Z]/.test(readFileSync(testPath, 'utf8'))) {
  const { default: fc } = await import('fast-check');
  fc.configureGlobal({ ...fc.readConfigureGlobal(), seed: seedOfRun() });
}
