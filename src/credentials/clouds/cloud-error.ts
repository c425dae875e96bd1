import { ConfigError } from '../../errors/cache-error.ts';
import { editCommand } from '../../errors/next-step.ts';

/** A cloud, for messages. */
export interface CloudTitle {
  /** `cloud "prod" in /etc/openstack/clouds.yaml`. */
  readonly title: string;
  /** The file that it is in. */
  readonly file: string;
}

/**
 * The error for a cloud that cannot be used.
 *
 * @param fault what is wrong and what to do; names keys, never their values
 */
export function cloudError(
  { title, file }: CloudTitle,
  { problem, hint }: { readonly problem: string; readonly hint: string },
): ConfigError {
  return new ConfigError('CONFIG_CLOUDS', `Cannot use ${title}: ${problem}`, {
    hint: `${hint}; to edit it: ${editCommand(file)}`,
    details: { file },
  });
}
