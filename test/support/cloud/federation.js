// Keystone behind a web server that looks the tokens of an identity provider up, as mod_auth_openidc does:
// https://www.rfc-editor.org/rfc/rfc7662
import { request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { text } from 'node:stream/consumers';

/**
 * Whose token it is.
 *
 * @returns {Promise<string | undefined>} the name of the user in the cloud; undefined for a token that is not good
 */
export async function federatedUser(authorization, { introspectionUrl, clientId, clientSecret, users }) {
  const [, bearer] = /^Bearer (.+)$/.exec(authorization ?? '') ?? [];
  if (bearer === undefined) return undefined;
  const answer = JSON.parse(await post(introspectionUrl, { bearer, clientId, clientSecret }));
  return answer.active === true ? users[answer.sub ?? answer.client_id] : undefined;
}

function post(url, { bearer, clientId, clientSecret }) {
  const send = url.startsWith('https:') ? httpsRequest : httpRequest;
  const authorization = `Basic ${Buffer.from(`${clientId}:${clientSecret}`).toString('base64')}`;
  const headers = { authorization, 'content-type': 'application/x-www-form-urlencoded' };
  return new Promise((resolve, reject) => {
    // The certificate of a test is nobody's.
    const request = send(url, { method: 'POST', headers, rejectUnauthorized: false, agent: false });
    request.on('response', (response) => text(response).then(resolve, reject)).on('error', reject);
    request.end(new URLSearchParams({ token: bearer }).toString());
  });
}
