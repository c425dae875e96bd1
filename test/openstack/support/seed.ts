import { callForJson, callOrThrow } from './rest.ts';
import type { Account } from './stack-info.ts';
import { issueToken } from './token.ts';

/** What Keystone gets beside what its bootstrap makes. */
export interface Seed {
  readonly region: string;
  readonly glanceUrl: string;
  readonly admin: Account;
  /** Users to make, each with its project and the role it has there. */
  readonly users: readonly { readonly account: Account; readonly role: string }[];
}

interface Named {
  readonly id: string;
  readonly name: string;
}

/** Makes the users and their projects, and enters Glance into the catalog, through Keystone's API. */
export async function seedKeystone(keystoneUrl: string, { region, glanceUrl, admin, users }: Seed): Promise<void> {
  const token = await issueToken(keystoneUrl, admin);
  const create = async (kind: string, attributes: object): Promise<string> => {
    const path = `${keystoneUrl}/${kind}s`;
    const made = await callForJson<Record<string, Named>>(path, {
      method: 'POST',
      token,
      json: { [kind]: attributes },
    });
    return made[kind]?.id ?? '';
  };
  const { roles } = await callForJson<{ roles: Named[] }>(`${keystoneUrl}/roles`, { token });
  for (const { account, role } of users) {
    const project = await create('project', { name: account.project, domain_id: 'default' });
    const user = await create('user', { name: account.name, password: account.password, domain_id: 'default' });
    const roleId = roles.find(({ name }) => name === role)?.id ?? role;
    await callOrThrow(`${keystoneUrl}/projects/${project}/users/${user}/roles/${roleId}`, { method: 'PUT', token });
  }
  const service = await create('service', { name: 'glance', type: 'image' });
  for (const visibility of ['public', 'internal', 'admin']) {
    await create('endpoint', { interface: visibility, service_id: service, url: glanceUrl, region_id: region });
  }
}
