import { callForJson, callOrThrow } from './rest.ts';
import type { StackInfo } from './stack-info.ts';
import { issueToken } from './token.ts';

/** Whom Keystone lets in through a provider, and as what. */
export interface Federation {
  readonly issuer: string;
  /** Users of the provider that are admins of the project `admin`. */
  readonly admins: readonly string[];
  /** Users of the provider that Keystone knows, without a role anywhere. */
  readonly guests: readonly string[];
  /** Clients of the provider that, as themselves, are admins of the project `admin`. */
  readonly clients: readonly string[];
}

/** The name that Keystone has for the provider. */
export const IDENTITY_PROVIDER = 'sso';

/** For another one, which gave none of the tokens that are here. */
export const OTHER_IDENTITY_PROVIDER = 'elsewhere';

/** For their protocol. */
export const PROTOCOL = 'openid';

const MAPPING = 'claims';
const ADMINS = 'federated-admins';
const GUESTS = 'federated-guests';

/**
 * Makes provider, mapping, protocol and groups in Keystone, over its API.
 *
 * @returns takes all of it out again
 */
export async function federate(stack: StackInfo, federation: Federation): Promise<() => Promise<void>> {
  const maker = new Maker(stack.keystoneUrl, await issueToken(stack.keystoneUrl, stack.accounts.admin));
  try {
    await makeGroups(maker, stack.accounts.admin.project);
    await maker.put(`/OS-FEDERATION/mappings/${MAPPING}`, { mapping: { rules: rulesOf(federation) } });
    await makeProvider(maker, IDENTITY_PROVIDER, federation.issuer);
    await makeProvider(maker, OTHER_IDENTITY_PROVIDER, 'https://idp.elsewhere.example');
  } catch (error) {
    await maker.removeAll();
    throw error;
  }
  return async () => maker.removeAll();
}

/** Makes things in Keystone as its admin, and remembers them. */
class Maker {
  private readonly url: string;
  private readonly token: string;
  private readonly made: string[] = [];

  constructor(url: string, token: string) {
    this.url = url;
    this.token = token;
  }

  async put(path: string, json?: object): Promise<void> {
    await callOrThrow(`${this.url}${path}`, { method: 'PUT', token: this.token, json });
    this.made.unshift(path);
  }

  async makeGroup(name: string): Promise<string> {
    const { group } = await callForJson<{ group: { id: string } }>(`${this.url}/groups`, {
      method: 'POST',
      token: this.token,
      json: { group: { name, domain_id: 'default' } },
    });
    this.made.unshift(`/groups/${group.id}`);
    return group.id;
  }

  async find(kind: 'projects' | 'roles', name: string): Promise<string> {
    const path = `${this.url}/${kind}?name=${name}`;
    const found = await callForJson<Record<string, { id: string }[]>>(path, { token: this.token });
    return found[kind]?.[0]?.id ?? '';
  }

  async removeAll(): Promise<void> {
    for (const path of this.made.splice(0)) {
      await callOrThrow(`${this.url}${path}`, { method: 'DELETE', token: this.token });
    }
  }
}

async function makeGroups(maker: Maker, projectName: string): Promise<void> {
  const admins = await maker.makeGroup(ADMINS);
  await maker.makeGroup(GUESTS);
  const [project, role] = [await maker.find('projects', projectName), await maker.find('roles', 'admin')];
  await maker.put(`/projects/${project}/groups/${admins}/roles/${role}`);
}

async function makeProvider(maker: Maker, name: string, issuer: string): Promise<void> {
  const path = `/OS-FEDERATION/identity_providers/${name}`;
  await maker.put(path, { identity_provider: { enabled: true, remote_ids: [issuer], domain_id: 'default' } });
  await maker.put(`${path}/protocols/${PROTOCOL}`, {
    // The issuer of a token has to be that of the provider.
    protocol: { mapping_id: MAPPING, remote_id_attribute: 'HTTP_OIDC_ISS' },
  });
}

/** By the claims that Apache puts into headers: `OIDC-sub` is `HTTP_OIDC_SUB` to Keystone. */
function rulesOf({ admins, guests, clients }: Federation): readonly object[] {
  return [
    ruleOf({ claim: 'HTTP_OIDC_SUB', values: admins, group: ADMINS }),
    ruleOf({ claim: 'HTTP_OIDC_SUB', values: guests, group: GUESTS }),
    ruleOf({ claim: 'HTTP_OIDC_CLIENT_ID', values: clients, group: ADMINS }),
  ];
}

function ruleOf({ claim, values, group }: { claim: string; values: readonly string[]; group: string }): object {
  return {
    // The first of the two is what {0} stands for.
    remote: [{ type: claim }, { type: claim, any_one_of: values }],
    local: [{ user: { name: '{0}' }, group: { name: group, domain: { name: 'Default' } } }],
  };
}
