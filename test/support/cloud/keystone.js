// Keystone's version 3: tells its versions, and issues tokens for what proves who somebody is.
import { randomBytes } from 'node:crypto';
import { sendJson, sendKeystoneError } from './answers.js';
import { createFactors, isMeant } from './factors.js';
import { federatedUser } from './federation.js';

const REFUSED = 'The request you have made requires authentication.';

/** What the users of the cloud can do. `resolve` tells Glance who a token is. */
export function createKeystone(options) {
  const { users, applicationCredentials, federation, tokenLifeSec, clockSkewSec, keystoneUrl, glanceUrl } = options;
  const tokens = new Map();
  const factors = createFactors({ users, applicationCredentials, resolve });

  function issue({ user, project, roles, isSystem = false }, methods = ['password']) {
    const token = `gAAAA${randomBytes(24).toString('base64url')}`;
    const nowMs = Date.now();
    tokens.set(token, { user, project, roles, isSystem, methods, expiresMs: nowMs + tokenLifeSec * 1000 });
    const told = (ms) => new Date(ms + clockSkewSec * 1000).toISOString().replace('Z', '000Z');
    const body = {
      methods,
      user: { id: user.id, name: user.name, domain: user.domain },
      issued_at: told(nowMs),
      expires_at: told(nowMs + tokenLifeSec * 1000),
      audit_ids: ['audit'],
    };
    if (project !== undefined) body.project = { id: project.id, name: project.name, domain: project.domain };
    if (isSystem) body.system = { all: true };
    if (project !== undefined || isSystem) {
      body.roles = roles.map((name) => ({ id: `role-${name}`, name }));
      body.catalog = catalogOf(keystoneUrl, glanceUrl);
    }
    return { token, body: { token: body } };
  }

  function resolve(token) {
    const found = tokens.get(token);
    return found === undefined || found.expiresMs <= Date.now() ? undefined : found;
  }

  function answer(request, response) {
    const { method, path } = request;
    if (path === '/' && method === 'GET')
      return sendJson(response, 300, { versions: { values: [versionOf(keystoneUrl)] } });
    if (/^\/v3\/?$/.test(path) && method === 'GET') return sendJson(response, 200, { version: versionOf(keystoneUrl) });
    if (path.startsWith('/v3/OS-FEDERATION/')) return answerFederated(request, response);
    if (path === '/v3/OS-OAUTH2/token' && method === 'POST') return answerOAuth2(request, response);
    if (path === '/v3/auth/tokens' && method === 'POST') return answerLogin(request, response);
    return response.writeHead(404).end('<h1>Not Found</h1>');
  }

  function answerLogin(request, response) {
    const { auth } = JSON.parse(request.body);
    const { token: given } = auth.identity;
    if (given !== undefined && resolve(given.id) === undefined) {
      return sendKeystoneError(response, 404, 'Could not recognize Fernet token');
    }
    const { user, methods, application, lacking } = factors.prove(
      auth.identity,
      request.headers['openstack-auth-receipt'],
    );
    if (lacking !== undefined) {
      return sendJson(response, 401, lacking.body, { 'openstack-auth-receipt': lacking.receipt });
    }
    const granted = user === undefined ? undefined : grantScope(user, auth.scope, application);
    if (granted === undefined) return sendKeystoneError(response, 401, REFUSED);
    const { token, body } = issue(granted, methods);
    return sendJson(response, 201, body, { 'x-subject-token': token });
  }

  /** An application credential as a client of OAuth 2.0. */
  function answerOAuth2({ headers, body }, response) {
    const [, pair = ''] = /^Basic (.+)$/.exec(headers.authorization ?? '') ?? [];
    const [, id, secret] = /^([^:]*):(.*)$/s.exec(Buffer.from(pair, 'base64').toString()) ?? [];
    const found = applicationCredentials.find((candidate) => candidate.id === id && candidate.secret === secret);
    if (found === undefined || new URLSearchParams(body).get('grant_type') !== 'client_credentials') {
      return sendJson(response, 401, { error: 'invalid_client', error_description: 'Client authentication failed.' });
    }
    const user = users.find((candidate) => candidate.id === found.userId);
    const project = user.projects.find((candidate) => candidate.id === found.projectId);
    const { token } = issue({ user, project, roles: found.roles ?? project.roles });
    return sendJson(response, 200, { access_token: token, expires_in: tokenLifeSec, token_type: 'Bearer' });
  }

  async function answerFederated({ method, path, headers }, response) {
    const [, provider, protocol] = /\/identity_providers\/([^/]+)\/protocols\/([^/]+)\/auth$/.exec(path) ?? [];
    const isKnown = decodeURIComponent(provider ?? '') === federation?.identityProvider;
    if (method !== 'POST' || !isKnown || decodeURIComponent(protocol ?? '') !== federation.protocol) {
      return sendKeystoneError(response, 404, `Could not find Identity Provider: ${provider}.`);
    }
    const name = await federatedUser(headers.authorization, federation);
    const user = users.find((candidate) => candidate.name === name);
    // Apache's page, not Keystone's, and its module's words.
    if (user === undefined) {
      const challenge = 'Bearer error="invalid_token", error_description="Reference token could not be introspected"';
      response.writeHead(401, { 'content-type': 'text/html; charset=iso-8859-1', 'www-authenticate': challenge });
      return response.end('<h1>Unauthorized</h1>');
    }
    const { token, body } = issue({ user, roles: [] });
    return sendJson(response, 201, body, { 'x-subject-token': token });
  }

  return {
    answer,
    resolve,
    issueToken(userName) {
      const user = users.find(({ name }) => name === userName);
      return issue({ user, project: user.projects[0], roles: user.projects[0].roles }).token;
    },
    revokeTokens: () => tokens.clear(),
  };
}

function versionOf(url) {
  return { id: 'v3.14', status: 'stable', links: [{ rel: 'self', href: `${url}/v3/` }] };
}

/** What a user gets; undefined for nothing. */
function grantScope(user, scope, application) {
  if (application !== undefined) return grantApplication(user, scope, application);
  if (scope === undefined) return { user, project: undefined, roles: [] };
  if (scope.system?.all === true)
    return { user, project: undefined, roles: user.projects[0]?.roles ?? [], isSystem: true };
  const project = scope.project && user.projects.find((candidate) => isMeant(scope.project, candidate));
  return project === undefined ? undefined : { user, project, roles: project.roles };
}

/** Keystone takes no scope here, not even the right one. */
function grantApplication(user, scope, { projectId, roles }) {
  const project = user.projects.find(({ id }) => id === projectId);
  return scope === undefined && project !== undefined ? { user, project, roles: roles ?? project.roles } : undefined;
}

/** Two regions; Glance is in both, the second one under a path of its own. */
function catalogOf(keystoneUrl, glanceUrl) {
  const regions = [
    { region: 'RegionOne', glance: glanceUrl },
    { region: 'RegionTwo', glance: `${glanceUrl}/region-two` },
  ];
  const endpoints = (urlOf) =>
    regions.flatMap(({ region, ...urls }) =>
      ['public', 'internal', 'admin'].map((face) => ({
        id: `${face}-${region}`,
        interface: face,
        region,
        region_id: region,
        url: urlOf(urls),
      })),
    );
  return [
    { type: 'identity', name: 'keystone', id: 'keystone', endpoints: endpoints(() => `${keystoneUrl}/v3`) },
    { type: 'image', name: 'glance', id: 'glance', endpoints: endpoints(({ glance }) => glance) },
  ];
}
