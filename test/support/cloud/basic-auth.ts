import type { Cloud, CloudRequest } from './cloud.js';

/** The Glance of a cloud behind HTTP's own authentication, which takes one user; Keystone's tokens count for nothing. */
export interface BasicAuth {
  /** What Glance was sent to know the caller by, request by request. */
  readonly sent: readonly (readonly [authorization: unknown, token: unknown])[];
  /** The requests that somebody else made. */
  readonly refused: readonly CloudRequest[];
}

/** Puts a cloud's Glance behind it: who brings user and password is the cloud's admin to it. */
export function behindBasicAuth(cloud: Cloud, user: string, password: string): BasicAuth {
  const expected = `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;
  const sent: [unknown, unknown][] = [];
  const refused: CloudRequest[] = [];
  cloud.intercept((request, response) => {
    const { service, headers } = request;
    if (service !== 'glance') return false;
    sent.push([headers.authorization, headers['x-auth-token']]);
    if (headers.authorization === expected) {
      headers['x-auth-token'] = cloud.issueToken('glance');
      return false;
    }
    refused.push(request);
    // As many a proxy does, it repeats what it does not like.
    response.writeHead(401, { 'www-authenticate': 'Basic realm="glance"' });
    response.end(`<h1>401</h1>I do not like ${headers.authorization}`);
    return true;
  });
  return { sent, refused };
}
