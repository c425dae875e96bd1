/**
 * What is checked of the node itself: everything but what its configuration files say.
 */
import type { Check } from '../check.ts';
import { CLOCKS } from './clocks.ts';
import { CREDENTIALS } from './credentials.ts';
import { FOLDERS } from './folders.ts';
import { INDEX_FILE } from './index-file.ts';
import { LEFTOVERS } from './leftovers.ts';
import { LOGIN } from './login.ts';
import { MOUNTS } from './mounts.ts';
import { OWNERS } from './owners.ts';
import { RUNS } from './runs.ts';
import { SCHEDULES } from './schedules.ts';
import { SECRETS } from './secrets.ts';
import { SPACE } from './space.ts';

/** The checks, in the order in which their findings are shown. */
export const NODE_CHECKS: readonly Check[] = [
  FOLDERS,
  OWNERS,
  INDEX_FILE,
  MOUNTS,
  SPACE,
  SECRETS,
  SCHEDULES,
  RUNS,
  CREDENTIALS,
  LOGIN,
  CLOCKS,
  LEFTOVERS,
];
