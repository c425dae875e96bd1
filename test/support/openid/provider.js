// A real OpenID provider on the loopback: oidc-provider with clients and users of its own. Plain JavaScript: the package
// has no types, and provider.d.ts tells tests ours.
import { generateKeyPairSync } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { createServer as createTlsServer } from 'node:https';

const DEVICE_CODE = 'urn:ietf:params:oauth:grant-type:device_code';

const { errors, Provider } = await quietly(() => import('oidc-provider'));

/** Who there is unless somebody else is named. */
const CLIENTS = [
  {
    client_id: 'glance-cache',
    client_secret: 'cache secret',
    grant_types: ['client_credentials', 'password', DEVICE_CODE],
  },
  { client_id: 'public', token_endpoint_auth_method: 'none', grant_types: ['password', DEVICE_CODE] },
  { client_id: 'keystone', client_secret: 'keystone secret', grant_types: [] },
];
const AUTH_METHODS = ['client_secret_basic', 'client_secret_post', 'client_secret_jwt', 'none'];
const USERS = { alice: { password: 'wonderland' }, bob: { password: 'builder', passcode: '246810' } };

/**
 * Starts a provider on a free port.
 *
 * @param {import('./provider.d.ts').ProviderOptions} options
 * @returns {Promise<import('./provider.d.ts').OpenIdProvider>}
 */
export async function startProvider(options = {}) {
  const { clients = CLIENTS, users = USERS, tls, tokenLifeSec = 600, host = '127.0.0.1' } = options;
  const requests = [];
  const interceptors = new Set();
  const server = tls === undefined ? createServer() : createTlsServer(tls);
  server.listen(options.port ?? 0, host);
  await once(server, 'listening');
  const issuer = `${tls === undefined ? 'http' : 'https'}://${host}:${server.address().port}`;
  const provider = await quietly(
    () => new Provider(issuer, configurationOf({ ...options, clients, users, tokenLifeSec })),
  );
  provider.registerGrantType('password', passwordGrant(users), ['username', 'password', 'scope', 'totp']);
  const answer = provider.callback();
  server.on('request', async (incoming, response) => {
    requests.push({ method: incoming.method, path: incoming.url, headers: incoming.headers });
    for (const interceptor of interceptors) if (await interceptor(incoming, response)) return;
    answer(incoming, response);
  });
  return {
    issuer,
    discoveryUrl: `${issuer}/.well-known/openid-configuration`,
    tokenUrl: `${issuer}/token`,
    deviceUrl: `${issuer}/device/auth`,
    introspectionUrl: `${issuer}/token/introspection`,
    requests,
    intercept(interceptor) {
      interceptors.add(interceptor);
      return () => interceptors.delete(interceptor);
    },
    async close() {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

/** It says on the console that Node 20 grows old, and that nobody should rely on a provider which keeps nothing. */
async function quietly(call) {
  const { warn, info } = console;
  Object.assign(console, { warn() {}, info() {} });
  try {
    return await call();
  } finally {
    Object.assign(console, { warn, info });
  }
}

/** Its own pages it shows with a note on the console that they are not for everybody. */
function showForm(context, form) {
  context.body = `<!DOCTYPE html><title>Device</title>${form}`;
}

let key;

/** One for all providers: making it takes longer than all else. */
function signingKey() {
  key ??= generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({ format: 'jwk' });
  return { ...key, use: 'sig' };
}

function configurationOf({ clients, users, tokenLifeSec, clientAuthMethods = AUTH_METHODS }) {
  return {
    clientAuthMethods,
    clients: clients.map((client) => ({ redirect_uris: [], response_types: [], ...client })),
    jwks: { keys: [signingKey()] },
    cookies: { keys: ['loopback'] },
    scopes: ['openid', 'offline_access', 'profile', 'email'],
    claims: { profile: ['preferred_username'], email: ['email'] },
    ttl: {
      AccessToken: tokenLifeSec,
      ClientCredentials: tokenLifeSec,
      DeviceCode: 600,
      Grant: 3600,
      IdToken: tokenLifeSec,
      Interaction: 600,
      Session: 600,
    },
    features: {
      clientCredentials: { enabled: true },
      deviceFlow: {
        enabled: true,
        userCodeInputSource: showForm,
        userCodeConfirmSource: showForm,
        successSource: (context) => Object.assign(context, { body: 'You are logged in on the other device.' }),
      },
      introspection: { enabled: true, allowedPolicy: () => true },
      // Pages on which anybody may log in as anybody, with any password.
      devInteractions: { enabled: true },
      mTLS: {
        enabled: true,
        tlsClientAuth: clientAuthMethods.includes('tls_client_auth'),
        getCertificate: ({ socket }) => socket.getPeerX509Certificate?.(),
        certificateAuthorized: ({ socket }) => socket.authorized,
        certificateSubjectMatches: ({ socket }, _property, expected) =>
          socket.getPeerX509Certificate().subject === expected,
      },
    },
    findAccount: (_context, id) => ({
      accountId: id,
      claims: () => ({ sub: id, preferred_username: id, email: `${id}@example.org`, known: id in users }),
    }),
    clientBasedCORS: () => false,
  };
}

/** What oidc-provider leaves out on purpose, and clouds still have: https://www.rfc-editor.org/rfc/rfc6749#section-4.3 */
function passwordGrant(users) {
  return async (context) => {
    const { client, params, provider } = context.oidc;
    const user = Object.hasOwn(users, params.username) ? users[params.username] : undefined;
    if (user === undefined || user.password !== params.password || (user.passcode ?? params.totp) !== params.totp) {
      throw new errors.InvalidGrant('wrong user, password or passcode');
    }
    const scope = params.scope ?? 'openid';
    const grant = new provider.Grant({ accountId: params.username, clientId: client.clientId });
    grant.addOIDCScope(scope);
    const grantId = await grant.save();
    const common = { accountId: params.username, client, grantId, gty: 'password', scope };
    const token = new provider.AccessToken(common);
    const accessToken = await token.save();
    const idToken = new provider.IdToken({ sub: params.username }, { ctx: context });
    idToken.scope = scope;
    context.body = {
      access_token: accessToken,
      expires_in: token.expiration,
      id_token: await idToken.issue({ use: 'idtoken' }),
      scope,
      token_type: token.tokenType,
    };
  };
}
