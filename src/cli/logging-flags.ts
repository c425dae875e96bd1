import type { Option } from '../settings/option.ts';
import { LOGGING_OPTIONS } from '../settings/options/logging.ts';

/** The flags of oslo.log, which every program of Glance has. */
export const LOGGING_FLAGS: readonly Option<unknown>[] = Object.values(LOGGING_OPTIONS);
