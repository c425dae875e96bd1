import type { Credentials } from '../../credentials/credentials.ts';
import { THIS_COMMAND } from '../../errors/next-step.ts';
import type { DeviceLogin, DevicePrompt } from '../../openid/provider.ts';
import { humanDuration } from '../../text/amounts.ts';
import { credentialsError } from '../credentials-error.ts';
import type { Interaction } from '../interaction.ts';
import { federatedMethod } from './federated.ts';
import type { LoginMethod } from './method.ts';
import { providerSettings } from './openid-settings.ts';

/**
 * A person who logs in at an OpenID provider with a browser, on any device.
 *
 * @throws ConfigError CONFIG_CREDENTIALS where something is missing, or is not what it must be
 */
export function openIdDeviceMethod(credentials: Credentials): LoginMethod {
  const settings = providerSettings(credentials);
  const challengeMethod = challengeMethodIn(credentials);
  return federatedMethod(credentials, {
    who: `a person with client ${JSON.stringify(settings.clientId)}`,
    async getBearer(means, signal) {
      const { interaction } = means;
      if (interaction === undefined) throw nobodyThere(credentials);
      const { openIdProvider } = await import('../../openid/openid-client-provider.ts');
      const login = { challengeMethod, show: (prompt: DevicePrompt) => show(interaction, prompt) };
      return openIdProvider(settings, means).deviceToken(login, signal);
    },
  });
}

async function show(to: Interaction, { page, code, pageWithCode, lifetimeSec }: DevicePrompt): Promise<void> {
  await to.tell(`To log in, open ${page} on any device, and enter the code ${code}`);
  if (pageWithCode !== undefined) await to.tell(`or open ${pageWithCode}`);
  await to.tell(`Waiting for that, ${humanDuration(lifetimeSec)} at most`);
}

function challengeMethodIn(credentials: Credentials): DeviceLogin['challengeMethod'] {
  const text = credentials.auth.code_challenge_method?.trim();
  if (text === undefined || text === 'S256' || text === 'plain') return text;
  throw credentialsError(credentials, {
    state: `code_challenge_method is ${JSON.stringify(text)}`,
    hint: `It is S256 or plain: ${THIS_COMMAND} --os-code-challenge-method S256`,
  });
}

function nobodyThere(credentials: Credentials) {
  return credentialsError(credentials, {
    state: 'auth_type v3oidcdeviceauthz needs somebody at a terminal',
    hint: `Run it in a terminal, or keep the token there for runs without one: ${THIS_COMMAND} --os-token-cache`,
  });
}
