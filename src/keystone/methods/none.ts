import type { Credentials } from '../../credentials/credentials.ts';
import { fixedToken } from './admin-token.ts';
import type { FixedMethod } from './method.ts';

/**
 * Nobody in particular, for a Glance without Keystone. keystoneauth sends a token that says so; with `noauth` it is
 * the user and the project, which services read that take everybody at their word.
 */
export function noMethod(credentials: Credentials): FixedMethod {
  const { authType, auth } = credentials;
  const { user_id: userId, project_id: projectId } = auth;
  const names = authType === 'noauth' && userId !== undefined && projectId !== undefined;
  return fixedToken(credentials, names ? `${userId}:${projectId}` : 'notused');
}
