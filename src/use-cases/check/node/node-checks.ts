/**
 * What is checked of the node itself: everything but what its configuration files say.
 */
import type { Check } from '../check.ts';

/** The checks, in the order in which their findings are shown. */
export const NODE_CHECKS: readonly Check[] = [];
