/**
 * Which Glance is meant, and how long to wait for it, from what a source says.
 */
import { ConfigError } from '../errors/cache-error.ts';
import { ValueError } from '../settings/option.ts';
import { quoteValue } from '../settings/quote-value.ts';
import { float } from '../settings/types/float.ts';
import { splitList } from '../settings/types/list.ts';
import type { EndpointChoice } from './credentials.ts';
import type { GivenOptions, GivenValue } from './source.ts';

const INTERFACES: readonly string[] = ['public', 'internal', 'admin'];

/**
 * Which Glance is meant.
 *
 * @throws ConfigError CONFIG_CREDENTIALS for an interface that Keystone does not know
 */
export function chooseEndpoint(given: GivenOptions): EndpointChoice {
  const interfaces = given.get('interface');
  return {
    serviceType: given.get('service_type')?.text ?? 'image',
    serviceName: given.get('service_name')?.text,
    interfaces: interfaces === undefined ? ['public'] : parseInterfaces(interfaces),
    region: given.get('region_name')?.text,
    override: given.get('endpoint_override')?.text.trim(),
  };
}

/** Version 2 wrote `publicURL`. */
function parseInterfaces(value: GivenValue): readonly string[] {
  const names = splitList(value.text).map((name) => name.toLowerCase().replace(/url$/, ''));
  const unknown = names.find((name) => !INTERFACES.includes(name));
  if (unknown === undefined && names.length > 0) return [...new Set(names)];
  throw new ConfigError(
    'CONFIG_CREDENTIALS',
    `Cannot use ${value.origin}: ${quoteValue(value.text)} is no interface of an endpoint`,
    {
      hint: `Write ${INTERFACES.join(', ')}, or several of them, the preferred one first, as in --os-interface internal`,
    },
  );
}

const seconds = float({ min: 0, unit: 'seconds' });

/**
 * How long a server may take, seconds; undefined where nothing is said, and for 0 and infinity, which set no limit.
 *
 * @throws ConfigError CONFIG_CREDENTIALS for what is no number of seconds
 */
export function parseTimeout(value: GivenValue | undefined): number | undefined {
  if (value === undefined) return undefined;
  try {
    const timeoutSec = seconds.parse(value.text);
    return timeoutSec > 0 && Number.isFinite(timeoutSec) ? timeoutSec : undefined;
  } catch (error) {
    if (!(error instanceof ValueError)) throw error;
    throw new ConfigError(
      'CONFIG_CREDENTIALS',
      `Cannot use ${value.origin}: ${quoteValue(value.text)} ${error.message}; expected ${seconds.expects}`,
      { hint: error.hint ?? 'Write a number of seconds, as in timeout = 60' },
    );
  }
}
