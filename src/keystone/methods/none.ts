import type { Credentials } from '../../credentials/credentials.ts';
import type { FixedMethod } from './method.ts';

/**
 * Nobody in particular, for a Glance without Keystone. keystoneauth sends a token that says so; with `noauth` it is
 * the user and the project, which services read that take everybody at their word.
 */
export function noMethod({ authType, auth }: Credentials): FixedMethod {
  const { user_id: userId, project_id: projectId, endpoint } = auth;
  const names = authType === 'noauth' && userId !== undefined && projectId !== undefined;
  return { kind: 'fixed', token: names ? `${userId}:${projectId}` : 'notused', endpoint };
}
