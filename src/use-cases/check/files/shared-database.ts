/**
 * What the driver `centralized_db` needs: a database, and a name for this node that no other node has.
 */

import { shellWord } from '../../../errors/next-step.ts';
import { OPTIONS } from '../../../settings/options.ts';
import { quoteValue } from '../../../settings/quote-value.ts';
import { describeOrigin, type Settings } from '../../../settings/resolve.ts';
import { changeOf } from '../change-of.ts';
import type { CheckFinding } from '../finding.ts';
import { makeFinding } from '../make-finding.ts';
import { GLANCE_API_OPTIONS } from './glance-api-options.ts';
import type { Configuration } from './read-configuration.ts';
import { usableValue } from './usable-value.ts';

const URL_OPTION = OPTIONS.workerSelfReferenceUrl;

/** What there is to say where that driver is in use. */
export function findSharedDatabaseFaults(configuration: Configuration): readonly CheckFinding[] {
  const { settings, glanceApi } = configuration;
  const views = [settings, ...(glanceApi === undefined ? [] : [glanceApi.settings])];
  if (!views.some((view) => usableValue(view, OPTIONS.imageCacheDriver) === 'centralized_db')) return [];
  return [...withoutUrl(configuration), ...sharedUrl(configuration), ...withoutDatabase(configuration)];
}

function urlOf(settings: Settings): string {
  return usableValue(settings, URL_OPTION) ?? '';
}

function withoutUrl({ settings, glanceApi, cachePrograms }: Configuration): readonly CheckFinding[] {
  const [view, ownFile] =
    glanceApi === undefined ? [settings, cachePrograms?.ownFile] : [glanceApi.settings, glanceApi.ownFile];
  if (urlOf(view) !== '') return [];
  const flavor = glanceApi === undefined ? '' : (usableValue(view, GLANCE_API_OPTIONS.flavor) ?? '');
  return [
    makeFinding({
      check: 'worker-url-missing',
      severity: 'error',
      message: `worker_self_reference_url is not set${glanceApi === undefined ? '' : ' for glance-api'}, and the driver is centralized_db`,
      // Glance asks whether the flavor has these letters in it: "caching" has not.
      reason: flavor.includes('cache')
        ? 'glance-api does not start so'
        : 'glance-api cannot tell its rows from those of other nodes; with a flavor that has "cache" in its name it does not even start',
      change: changeOf(view, URL_OPTION, 'http://NAME-OF-THIS-NODE:9292', ownFile),
      command: 'hostname --fqdn',
    }),
  ];
}

/** Words in the names of hosts that stand for several. */
const SHARED_NAME =
  /^(?:(?:[a-z0-9]+-)?(?:vip|lb|slb|loadbalancer|load-balancer|haproxy|proxy)\d*|(?:public|internal|api|image|images|glance)(?:-api)?)$/i;

function sharedUrl({ settings, glanceApi }: Configuration): readonly CheckFinding[] {
  const view = urlOf(settings) === '' && glanceApi !== undefined ? glanceApi.settings : settings;
  const url = urlOf(view);
  if (url === '') return [];
  const flaw = flawOf(url, [settings, ...(glanceApi === undefined ? [] : [glanceApi.settings])]);
  if (flaw === undefined) return [];
  const change = changeOf(view, URL_OPTION, 'http://NAME-OF-THIS-NODE:9292', glanceApi?.ownFile);
  return [
    makeFinding({
      check: 'worker-url-shared',
      severity: 'warning',
      message: `worker_self_reference_url ${quoteValue(url)} (${describeOrigin(view.origin(URL_OPTION))}) ${flaw}`,
      reason:
        'Two nodes with the same URL take the rows of each other for their own: one prunes what the other has cached. Where the URL is changed, the rows under the old one are lost to the node',
      change,
      command: 'hostname --fqdn',
    }),
  ];
}

function flawOf(text: string, views: readonly Settings[]): string | undefined {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol)) return 'is no URL such as http://node1.example.org:9292';
  const host = url.hostname.replace(/^\[|\]$/g, '');
  if (/^(?:localhost|127\.|0\.0\.0\.0$|::1?$)/.test(host)) return 'names no node: each node is that to itself';
  const endpoints = views.map((view) => usableValue(view, OPTIONS.publicEndpoint) ?? '');
  if (endpoints.some((endpoint) => URL.canParse(endpoint) && new URL(endpoint).origin === url.origin)) {
    return 'is the public_endpoint, which stands for all nodes where there are several';
  }
  const [label = ''] = host.split('.');
  if (SHARED_NAME.test(label)) return 'looks like that of a load balancer';
  return undefined;
}

function withoutDatabase({ settings, glanceApi, cachePrograms }: Configuration): readonly CheckFinding[] {
  const option = OPTIONS.databaseConnection;
  if ((usableValue(settings, option) ?? '') !== '') return [];
  const isTheirs = glanceApi !== undefined && (usableValue(glanceApi.settings, option) ?? '') !== '';
  const where = isTheirs ? ` here, only for glance-api (${describeOrigin(glanceApi.settings.origin(option))})` : '';
  const change = changeOf(
    settings,
    option,
    isTheirs
      ? `as in ${describeOrigin(glanceApi.settings.origin(option))}`
      : 'mysql+pymysql://USER:PASSWORD@HOST/glance',
    cachePrograms?.ownFile ?? glanceApi?.ownFile,
  );
  return [
    makeFinding({
      check: 'database-unset',
      severity: 'error',
      message: `[database] connection is not set${where}, and the driver is centralized_db`,
      reason: 'The index of the cache lies in that database',
      change,
      command: change === undefined ? undefined : `sudoedit ${shellWord(change.file)}`,
    }),
  ];
}
