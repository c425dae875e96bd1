/**
 * What cannot be checked because no file of glance-api's is known.
 */

import { shellWord } from '../../../errors/next-step.ts';
import type { CheckFinding } from '../finding.ts';
import { makeFinding } from '../make-finding.ts';
import type { Configuration } from './read-configuration.ts';

/** A note, so that nobody takes silence for an answer. */
export function findUnseenGlanceApi({ glanceApi, settings }: Configuration): readonly CheckFinding[] {
  if (glanceApi !== undefined) return [];
  const named = settings.files.map((file) => ` --config-file ${shellWord(file)}`).join('');
  return [
    makeFinding({
      check: 'glance-api-not-seen',
      severity: 'note',
      message: 'No configuration of glance-api was found: nothing that concerns it could be checked',
      reason: 'Whether it caches, where, and with which driver, is in its files',
      command: `glance-cache-manage check --config-file /etc/glance/glance-api.conf${named}`,
    }),
  ];
}
