/**
 * Whether both sides mean the same driver of the index, and Glance the one that is written.
 */
import { OPTIONS } from '../../../settings/options.ts';
import { quoteValue } from '../../../settings/quote-value.ts';
import { describeOrigin, type EffectiveOption, type Settings } from '../../../settings/resolve.ts';
import { changeAt, changeOf } from '../change-of.ts';
import type { CheckFinding } from '../finding.ts';
import { makeFinding } from '../make-finding.ts';
import type { Configuration } from './read-configuration.ts';
import { isSet, usableValue } from './usable-value.ts';

const DRIVER = OPTIONS.imageCacheDriver;

/** What there is to say of the driver. */
export function findDriverFaults(configuration: Configuration): readonly CheckFinding[] {
  return [...misspelt(configuration), ...unset(configuration)];
}

/** The driver as it is written; undefined where nothing sets it. */
export function driverWritten(settings: Settings): string | undefined {
  return isSet(settings, DRIVER) ? textOf(settings)?.value : undefined;
}

function textOf(settings: Settings): EffectiveOption | undefined {
  return settings.effective().find(({ group, name }) => group === DRIVER.group && name === DRIVER.name);
}

/** oslo.config takes a driver in any case, and Glance looks for a module of exactly that name. */
function misspelt({ settings, glanceApi }: Configuration): readonly CheckFinding[] {
  const seen = new Set<string>();
  return [settings, ...(glanceApi === undefined ? [] : [glanceApi.settings])].flatMap((view) => {
    const { value = '', origin } = textOf(view) ?? { origin: { kind: 'default' } };
    const [driver, ours] = [usableValue(view, DRIVER), usableValue(settings, DRIVER)];
    const where = describeOrigin(origin);
    if (driver === undefined || driver === value || seen.has(where)) return [];
    seen.add(where);
    return [
      makeFinding({
        check: 'driver-capitals',
        severity: ours === 'sqlite' ? 'warning' : 'error',
        message: `image_cache_driver is ${quoteValue(value)} (${where}): Glance finds no driver of that spelling, and silently takes sqlite`,
        reason:
          ours === 'sqlite'
            ? `It says so with each start in its log alone. If it is to stay with sqlite, that is what the line should say`
            : `These programs use ${ours ?? driver}, and see the images of glance-api as strangers`,
        change: changeAt(origin, `image_cache_driver = ${driver}`),
      }),
    ];
  });
}

/** The default is another one since 2024.1, and nobody sees here which release glance-api has. */
function unset({ settings, glanceApi, cachePrograms }: Configuration): readonly CheckFinding[] {
  if (glanceApi === undefined || isSet(glanceApi.settings, DRIVER)) return [];
  const driver = usableValue(settings, DRIVER) ?? 'sqlite';
  const here = isSet(settings, DRIVER)
    ? `, and ${driver} here (${describeOrigin(settings.origin(DRIVER))})`
    : `, and sqlite is taken here`;
  return [
    makeFinding({
      check: 'driver-unset',
      severity: 'warning',
      message: `image_cache_driver is not set for glance-api${here}`,
      reason: `Up to release 2023.2 glance-api takes sqlite then, since 2024.1 centralized_db: an upgrade empties cache.db and leaves the files. Name the driver that is in use${cachePrograms === undefined ? '' : ', in both files'}`,
      change: changeOf(glanceApi.settings, DRIVER, driver, glanceApi.ownFile),
    }),
  ];
}
