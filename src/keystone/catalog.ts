/**
 * Which of the endpoints that Keystone knows is meant, and what is version 2 of the Image API there.
 */

import type { EndpointChoice } from '../credentials/credentials.ts';
import { ConfigError } from '../errors/cache-error.ts';
import { shellWord, THIS_COMMAND } from '../errors/next-step.ts';
import { isJsonObject, type JsonObject, objectsIn, stringIn } from '../http/json.ts';
import { withoutSlashes } from './auth-url.ts';

/** A service of the catalog. */
interface Service {
  readonly type: string;
  readonly name: string | undefined;
  readonly endpoints: readonly Endpoint[];
}

/** One way to a service. */
interface Endpoint {
  readonly interface: string;
  readonly region: string | undefined;
  readonly url: string;
}

/** What an error lists at most. */
const LISTED = 12;

/**
 * Where Glance is.
 *
 * @param catalog as it stands in a token; what is malformed in it is passed over
 * @returns the URL of version 2 of the Image API, without a slash at the end
 * @throws ConfigError CONFIG_ENDPOINT where nothing in the catalog is what was asked for
 */
export function findEndpoint(catalog: readonly unknown[], choice: EndpointChoice): string {
  const services = catalog.flatMap(parseService).filter(({ type }) => type === choice.serviceType);
  // A catalog may come without names.
  const isNamed = services.some(({ name }) => name !== undefined);
  const meant = services.filter(({ name }) => !isNamed || name === (choice.serviceName ?? name));
  const endpoints = meant.flatMap((service) => service.endpoints);
  const inRegion = endpoints.filter(({ region }) => region === (choice.region ?? region));
  for (const wanted of choice.interfaces) {
    const endpoint = inRegion.find((candidate) => candidate.interface === interfaceOf(wanted));
    if (endpoint !== undefined) return imageApi(endpoint.url);
  }
  throw notFound(choice, services);
}

/**
 * Where Glance is, by an override.
 *
 * @param override `%(project_id)s` and `%(tenant_id)s` in it stand for the project
 * @param projectId of the token, or of the configuration
 * @throws ConfigError CONFIG_ENDPOINT where it is no URL of HTTP, or wants a project and there is none
 */
export function overriddenEndpoint(override: string, projectId: string | undefined): string {
  const wantsProject = /%\((?:project|tenant)_id\)s/g;
  if (projectId === undefined && wantsProject.test(override)) {
    throw new ConfigError('CONFIG_ENDPOINT', 'Cannot find Glance: its URL wants a project, and the login is for none', {
      hint: `Take %(project_id)s out of the URL, or set project_id, or both names: ${THIS_COMMAND} --os-project-name service --os-project-domain-name Default`,
    });
  }
  const url = override.replace(wantsProject, () => encodeURIComponent(projectId ?? ''));
  if (!isHttpUrl(url)) {
    throw new ConfigError(
      'CONFIG_ENDPOINT',
      'Cannot find Glance: the URL that the configuration gives is none of http',
      {
        hint: `Give a URL without a user or a password in it, as in: ${THIS_COMMAND} --os-image-endpoint-override https://glance.example.org:9292`,
      },
    );
  }
  return imageApi(url);
}

/** A catalog may name the service with any version, or with none; version 2 is the only one left. */
function imageApi(text: string): string {
  const url = new URL(text);
  const path = withoutSlashes(withoutSlashes(url.pathname).replace(/\/v\d+(?:\.\d+)?$/, ''));
  return `${url.origin}${path}/v2`;
}

function isHttpUrl(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, username, password } = new URL(text);
  return /^https?:$/.test(protocol) && username === '' && password === '';
}

function parseService(service: unknown): readonly Service[] {
  const type = isJsonObject(service) ? stringIn(service, 'type') : undefined;
  if (!isJsonObject(service) || type === undefined) return [];
  return [{ type, name: nameIn(service, 'name'), endpoints: objectsIn(service, 'endpoints').flatMap(parseEndpoint) }];
}

function parseEndpoint(endpoint: JsonObject): readonly Endpoint[] {
  const face = stringIn(endpoint, 'interface');
  const url = stringIn(endpoint, 'url');
  if (face === undefined || url === undefined || !isHttpUrl(url)) return [];
  return [{ interface: interfaceOf(face), region: nameIn(endpoint, 'region_id') ?? nameIn(endpoint, 'region'), url }];
}

function nameIn(object: JsonObject, field: string): string | undefined {
  const name = stringIn(object, field);
  return name === '' ? undefined : name;
}

/** Version 2 of Keystone's API said `publicURL`, and so do configurations from then. */
function interfaceOf(name: string): string {
  return name.replace(/URL$/, '');
}

function notFound(choice: EndpointChoice, services: readonly Service[]): ConfigError {
  const { interfaces, serviceType, serviceName, region } = choice;
  const service = `service ${JSON.stringify(serviceName ?? serviceType)}`;
  const where = region === undefined ? '' : ` in region ${JSON.stringify(region)}`;
  const offers = services.flatMap(({ name, endpoints }) => endpoints.map((endpoint) => ({ name, ...endpoint })));
  const listed = offers.slice(0, LISTED).map(({ name, interface: face, region: inRegion }) => {
    const of = serviceName === undefined || name === undefined ? '' : ` of ${name}`;
    return `${face}${of}${inRegion === undefined ? '' : ` in ${inRegion}`}`;
  });
  const more = offers.length > LISTED ? ', and more' : '';
  return new ConfigError(
    'CONFIG_ENDPOINT',
    `Cannot find Glance: the catalog of Keystone has no ${interfaces.join(' or ')} endpoint of ${service}${where}`,
    {
      hint:
        offers.length === 0
          ? `It has no service of type ${JSON.stringify(serviceType)} with an endpoint: check the project, with "openstack catalog list", or name it: ${THIS_COMMAND} --os-image-endpoint-override https://glance.example.org:9292`
          : `It has ${listed.join(', ')}${more}: check the interface and the region, which are compared letter by letter: openstack catalog show ${shellWord(serviceName ?? serviceType)}`,
      details: { service_type: serviceType, interfaces, region: region ?? null, offered: listed },
    },
  );
}
