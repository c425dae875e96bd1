import { LOGGING_OPTIONS } from '../settings/options/logging.ts';
import type { FlagGroup } from './program.ts';

/** The flags of oslo.log, which every program of Glance has. */
export const LOG_FLAGS: FlagGroup = { heading: 'Log options:', flags: [], options: Object.values(LOGGING_OPTIONS) };
