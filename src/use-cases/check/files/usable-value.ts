/**
 * Values for checks: one that cannot be used has a finding of its own, and is none to all others.
 */
import { ConfigError, UsageError } from '../../../errors/cache-error.ts';
import type { Option } from '../../../settings/option.ts';
import type { Settings } from '../../../settings/resolve.ts';

/** The value of an option; undefined where nothing sets it and there is no default, or where it cannot be used. */
export function usableValue<T>(settings: Settings, option: Option<T>): T | undefined {
  return usable(() => settings.get(option));
}

/** What a look at settings gives; undefined where a value in its way cannot be used. */
export function usable<T>(look: () => T): T | undefined {
  try {
    return look();
  } catch (error) {
    if (error instanceof ConfigError || error instanceof UsageError) return undefined;
    throw error;
  }
}

/** Whether anything but the default sets an option. */
export function isSet(settings: Settings, option: Option<unknown>): boolean {
  return settings.origin(option).kind !== 'default';
}
