import { callOrThrow } from './rest.ts';
import type { Account } from './stack-info.ts';

/** A token of Keystone for an account: in its project, or for nothing in particular. */
export async function issueToken(
  keystoneUrl: string,
  account: Account,
  scope: 'project' | 'unscoped' = 'project',
): Promise<string> {
  const domain = { id: 'default' };
  const user = { name: account.name, password: account.password, domain };
  const response = await callOrThrow(`${keystoneUrl}/auth/tokens`, {
    method: 'POST',
    json: {
      auth: {
        identity: { methods: ['password'], password: { user } },
        scope: scope === 'unscoped' ? 'unscoped' : { project: { name: account.project, domain } },
      },
    },
  });
  const token = response.headers.get('x-subject-token');
  if (token === null) throw new Error(`Cannot get a token for ${account.name}: no token in the answer`);
  return token;
}
