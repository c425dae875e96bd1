import fc from 'fast-check';
import type { Login, Place } from './logins.ts';

/** Options of a login, in the names of clouds.yaml. */
type Options = Readonly<Record<string, string | readonly string[]>>;

// What is lost or taken for something else where texts become URLs, forms, headers and files.
const inner = fc.string({
  unit: fc.constantFrom(...'aZ9 %+:/@&=#;,\'"{}~é!?*.-_$|<>^`[]()\\'),
  maxLength: 8,
});
const end = fc.constantFrom(...'abcXYZ0189');

/** With letters around the rest, as files have no blanks there; of a backslash and a dollar sign oslo.config makes one. */
function joined(...parts: readonly fc.Arbitrary<string>[]): fc.Arbitrary<string> {
  return fc.tuple(end, ...parts, end).map((texts) => texts.join('').replaceAll('\\$', '$'));
}

const text = joined(inner);
/** One that goes into a body only. */
const bodyText = joined(inner, fc.constantFrom('ü', '€', '日本', '😀', ''));
const name = joined(fc.string({ unit: fc.constantFrom(...'aZ9 é._-'), maxLength: 5 }));

function given(entries: Readonly<Record<string, fc.Arbitrary<string | readonly string[]>>>): fc.Arbitrary<Options> {
  return fc.record(entries);
}

function oneOf(...choices: readonly fc.Arbitrary<Options>[]): fc.Arbitrary<Options> {
  return fc.oneof(...choices);
}

function all(...parts: readonly fc.Arbitrary<Options>[]): fc.Arbitrary<Options> {
  return fc.tuple(...parts).map((options) => Object.assign({}, ...options) as Options);
}

const nothing = fc.constant<Options>({});
const keystone = given({
  auth_url: fc.constantFrom('BASE/identity', 'BASE/identity/', 'BASE/identity/v3', 'BASE/identity/v3/'),
});
const user = oneOf(
  given({ user_id: name }),
  given({ username: bodyText, user_domain_id: name }),
  given({ username: bodyText, user_domain_name: bodyText }),
);
const project = oneOf(
  given({ project_id: name }),
  given({ project_name: bodyText, project_domain_id: name }),
  given({ project_name: bodyText, project_domain_name: bodyText }),
);
/** Openstacksdk takes a domain beside a project for that of user and project: see the cases written out. */
const scope = oneOf(
  project,
  nothing,
  given({ domain_id: name }),
  given({ domain_name: bodyText }),
  given({ trust_id: name }),
  given({ system_scope: fc.constant('all') }),
);
/** The types without a version fill in the domain. */
const generic = oneOf(
  all(user, scope),
  given({ username: bodyText, default_domain_id: name, project_name: bodyText }),
  given({ username: bodyText, default_domain_name: bodyText }),
);

const federated = all(
  keystone,
  given({ identity_provider: name, protocol: fc.constantFrom('openid', 'mapped') }),
  oneOf(project, project, nothing, given({ trust_id: name })),
);
const provider = all(
  federated,
  given({ client_id: text, client_secret: text }),
  oneOf(
    given({ discovery_endpoint: fc.constant('BASE/provider/document') }),
    given({ access_token_endpoint: fc.constant('BASE/provider/given-token') }),
    given({
      discovery_endpoint: fc.constant('BASE/provider/document?tenant=a'),
      access_token_endpoint: fc.constant('BASE/provider/given-token?x=y'),
    }),
  ),
  oneOf(nothing, given({ openid_scope: fc.constantFrom('openid', 'openid profile email', 'api://x/.default') })),
  oneOf(nothing, given({ access_token_type: fc.constantFrom('access_token', 'id_token') })),
);
const endpoint = given({ endpoint: fc.constantFrom('BASE/glance', 'BASE/glance/') });
const credential = oneOf(
  given({ application_credential_id: name }),
  all(given({ application_credential_name: bodyText }), user),
);

const TYPES: Readonly<Record<string, fc.Arbitrary<Options>>> = {
  password: all(keystone, generic, given({ password: bodyText })),
  v3password: all(keystone, user, scope, given({ password: bodyText })),
  token: all(keystone, scope, given({ token: name })),
  v3token: all(keystone, scope, given({ token: name })),
  v3applicationcredential: all(keystone, credential, given({ application_credential_secret: bodyText })),
  v3totp: all(keystone, user, scope, given({ passcode: fc.stringMatching(/^[0-9]{6}$/) })),
  v3multifactor: all(
    keystone,
    user,
    scope,
    given({
      password: bodyText,
      passcode: fc.stringMatching(/^[0-9]{6}$/),
      auth_methods: fc.constantFrom(['v3password', 'v3totp'], ['v3totp', 'v3password']),
    }),
  ),
  v3oidcclientcredentials: provider,
  v3oidcauthcode: all(
    provider,
    given({ code: text }),
    oneOf(nothing, given({ redirect_uri: fc.constantFrom('http://localhost:5000', 'https://client.example/cb?x=y') })),
  ),
  v3oidcpassword: all(provider, given({ username: bodyText, password: bodyText })),
  v3oidcaccesstoken: all(federated, given({ access_token: fc.stringMatching(/^[A-Za-z0-9._~+/-]{1,30}=?$/) })),
  http_basic: all(endpoint, given({ username: name, password: bodyText })),
  none: endpoint,
  admin_token: all(endpoint, given({ token: name.map((word) => word.replaceAll(/[^a-z0-9]/gi, '')) })),
};

/** Any login that is complete and for one thing, by all types that Debian's keystoneauth knows. */
export const anyLogin: fc.Arbitrary<Login> = fc
  .tuple(
    fc.oneof(...Object.entries(TYPES).map(([type, options]) => options.map((given) => ({ type, options: given })))),
    fc.record(
      { interface: fc.constantFrom('public', 'internal', 'admin'), region: fc.constantFrom('R1', 'R2') },
      { requiredKeys: [] },
    ),
  )
  .map(([login, where]) => ({ ...login, ...where }));

/** The same login as one that the real libraries get right in a place, for all that is a fault of theirs. */
export function understood(
  place: Place,
  { options, ...login }: Login,
): { readonly place: Place; readonly login: Login } {
  const isProvider = 'client_id' in options;
  const isFederated = 'identity_provider' in options;
  return {
    // Of a list, the letters would be taken for the ways to log in.
    place: login.type === 'v3multifactor' ? 'cloud' : place,
    login: {
      ...login,
      options: {
        ...options,
        // Before 5.2 it did not find version 3 for these.
        ...(isFederated ? { auth_url: 'BASE/identity/v3' } : {}),
        // Elsewhere it forgets what it does without one, and fails.
        ...(isProvider && place !== 'cloud' && place !== 'environment'
          ? { access_token_type: options['access_token_type'] ?? 'access_token' }
          : {}),
        ...(isProvider && place === 'file' ? { openid_scope: options['openid_scope'] ?? 'openid profile' } : {}),
      },
    },
  };
}
