/**
 * A glance-api at work on a cache, in a process of its own. Arguments: the cache directory, what it is to do as JSON, and
 * a file whose appearance ends it. Says "ready", and what it has seen as one line of JSON in the end.
 */
import { existsSync, writeSync } from 'node:fs';
import { cacheLayout } from '../../../src/cache/layout.ts';
import { BusyGlance, type GlanceDuties } from '../../support/stand-in/busy-glance.ts';

/** However seldom a loaded machine lets it. */
const FEWEST_TURNS = 50;

const [root = '', duties = '', stopFile = ''] = process.argv.slice(2);
const glance = new BusyGlance(cacheLayout(root, 'cache.db'), JSON.parse(duties) as GlanceDuties);
writeSync(1, 'ready\n');
const sleeper = new Int32Array(new SharedArrayBuffer(4));
while (!existsSync(stopFile) || glance.report.turns < FEWEST_TURNS) {
  glance.turn();
  // Clients take time: without any, the two would keep each other from the index, and need the processor of the third.
  Atomics.wait(sleeper, 0, 0, 0.3);
}
glance.finish();
writeSync(1, `${JSON.stringify(glance.report)}\n`);
