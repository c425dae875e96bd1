import { Agent, fetch } from 'undici';
import type { OpenIdProvider } from '../../support/openid/provider.js';
import { TLS } from '../../support/tls.ts';

/** A token that a client gets from the provider as itself, without our programs. */
export async function tokenOf(
  { tokenUrl }: OpenIdProvider,
  { client_id, client_secret }: { readonly client_id: string; readonly client_secret: string },
): Promise<string> {
  const dispatcher = new Agent({ connect: { ca: TLS.ca } });
  try {
    const response = await fetch(tokenUrl, {
      dispatcher,
      method: 'POST',
      body: new URLSearchParams({ grant_type: 'client_credentials', scope: 'openid' }),
      headers: { authorization: `Basic ${Buffer.from(`${client_id}:${client_secret}`).toString('base64')}` },
    });
    const { access_token: token } = (await response.json()) as { readonly access_token?: string };
    if (token === undefined) throw new Error(`Cannot get a token of the provider: status ${response.status}`);
    return token;
  } finally {
    await dispatcher.close();
  }
}
