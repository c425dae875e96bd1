/**
 * Logs in once for a run and keeps the token, however many ask for it at once. Keystone is not asked again after it
 * refused: it may lock an account that fails too often.
 */

import type { Credentials } from '../credentials/credentials.ts';
import { AuthError, ConfigError, type RemoteError } from '../errors/cache-error.ts';
import { THIS_COMMAND } from '../errors/next-step.ts';
import type { Transport } from '../http/transport.ts';
import { withRetries } from '../http/with-retries.ts';
import type { Clock } from '../time/clock.ts';
import { findEndpoint, overriddenEndpoint } from './catalog.ts';
import { createIdentityApi } from './identity-api.ts';
import type { Interaction } from './interaction.ts';
import type { TokenKeeper } from './kept-token.ts';
import { chooseMethod } from './methods/choose-method.ts';
import type { FixedMethod, LoginMeans, LoginMethod } from './methods/method.ts';
import type { Access, Session } from './session.ts';
import type { IssuedToken } from './token.ts';

/** What a session needs. */
export interface SessionOptions {
  readonly credentials: Credentials;
  readonly transport: Transport;
  readonly clock: Clock;
  /** From 0 to less than 1. */
  readonly random: () => number;
  /** How often a login that failed for a moment is tried again. */
  readonly retries: number;
  /** Hears every token before it is used, so that logs can mask it. */
  readonly onToken?: (token: string) => void;
  /** Whom a login may ask; nobody is there if not given. */
  readonly interaction?: Interaction | undefined;
  /** Keeps the token beyond the run. */
  readonly tokens?: TokenKeeper | undefined;
  /** Hears of logins; never a secret. */
  readonly log?: (text: string) => void;
}

// keystoneauth logs in again when less than this is left, and then before every request to a cloud whose tokens live
// shorter. So no more than a share of their life goes unused.
const MARGIN_SEC = 120;
const MARGIN_SHARE = 0.25;

/**
 * Opens a session. Nothing is sent before the first {@link Session.access}.
 *
 * @throws ConfigError CONFIG_CREDENTIALS where the credentials lack something; CONFIG_ENDPOINT for a fixed token
 * without an endpoint
 */
export function openSession(options: SessionOptions): Session {
  const method = chooseMethod(options.credentials);
  return method.kind === 'login' ? new LoginSession(options, method) : fixedSession(options, method);
}

function fixedSession({ credentials, onToken }: SessionOptions, method: FixedMethod): Session {
  const { headers, secrets, what, whatToCheck, endpoint } = method;
  const { source, auth } = credentials;
  const url = credentials.endpoint.override ?? endpoint;
  if (url === undefined) {
    throw new ConfigError('CONFIG_ENDPOINT', `Cannot find Glance: the credentials from ${source} have no endpoint`, {
      hint: `With auth_type ${credentials.authType} there is no catalog to look it up in; give the URL of Glance: ${THIS_COMMAND} --os-endpoint https://glance.example.org:9292`,
    });
  }
  for (const secret of secrets) onToken?.(secret);
  const imageEndpoint = overriddenEndpoint(url, auth.project_id);
  // Nobody says which roles such a token has, and an image is not to be taken for deleted on a guess.
  const access: Access = { headers, imageEndpoint, isAdmin: false };
  return {
    access: async (signal) => {
      signal.throwIfAborted();
      return access;
    },
    renewed: async (_refused, _signal, asked = imageEndpoint) => {
      // With --host it is one of several nodes.
      const refusing = asked.startsWith(imageEndpoint) ? imageEndpoint : asked;
      throw new AuthError('AUTH_REFUSED', `Cannot ask Glance at "${refusing}": it refuses ${what}`, {
        hint: whatToCheck(refusing),
        details: { source, endpoint: refusing },
      });
    },
  };
}

/** A token in use. */
interface Login {
  readonly access: Access;
  /** Secret. */
  readonly token: string;
  /** When it was asked for, by the steady clock. */
  readonly sinceSec: number;
  readonly lifetimeSec: number;
}

/** A login under way. */
interface Attempt {
  readonly login: Promise<Login>;
  /** Whoever began it may give it up. */
  readonly signal: AbortSignal;
}

class LoginSession implements Session {
  readonly #options: SessionOptions;
  readonly #method: LoginMethod;
  readonly #means: Omit<LoginMeans, 'loginsBefore'>;
  #logins = 0;
  #current: Login | undefined;
  #attempt: Attempt | undefined;
  #refusal: AuthError | ConfigError | undefined;

  constructor(options: SessionOptions, method: LoginMethod) {
    this.#options = options;
    this.#method = method;
    const { transport, interaction, clock, onToken } = options;
    const onSecret = (text: string): void => onToken?.(text);
    this.#means = { identity: createIdentityApi(options, method), transport, interaction, clock, onSecret };
  }

  async access(signal: AbortSignal): Promise<Access> {
    const current = this.#current;
    if (current !== undefined && this.#lasts(current)) return current.access;
    return (this.#takeKept() ?? (await this.#logIn(signal))).access;
  }

  async renewed(refused: Access, signal: AbortSignal): Promise<Access> {
    if (this.#current?.access === refused) {
      this.#options.tokens?.forget(this.#current.token);
      this.#current = undefined;
    }
    return this.access(signal);
  }

  #lasts({ sinceSec, lifetimeSec }: Pick<Login, 'sinceSec' | 'lifetimeSec'>): boolean {
    const leftSec = sinceSec + lifetimeSec - this.#options.clock.monotonicSec();
    return leftSec >= Math.min(MARGIN_SEC, lifetimeSec * MARGIN_SHARE);
  }

  /** Joins the login under way, or begins one. */
  async #logIn(signal: AbortSignal): Promise<Login> {
    for (;;) {
      signal.throwIfAborted();
      if (this.#refusal !== undefined) throw this.#refusal;
      this.#attempt ??= { login: this.#request(signal), signal };
      const attempt = this.#attempt;
      try {
        return await attempt.login;
      } catch (error) {
        // That somebody else gave up is no answer for this caller.
        if (attempt.signal === signal || !attempt.signal.aborted) throw error;
      }
    }
  }

  async #request(signal: AbortSignal): Promise<Login> {
    const { clock, random, retries, onToken, tokens, log } = this.#options;
    try {
      const onRetry = (error: RemoteError): void => log?.(`${error.message}; trying again`);
      const { issued, sinceSec } = await withRetries({ clock, random, retries, signal, onRetry }, async () => {
        const sinceSec = clock.monotonicSec();
        const issued = await this.#method.login({ ...this.#means, loginsBefore: this.#logins }, signal);
        this.#logins += 1;
        onToken?.(issued.token);
        return { issued, sinceSec };
      });
      tokens?.keep(issued, clock.monotonicSec() - sinceSec);
      const login = this.#loginBy(issued, sinceSec);
      log?.(`Logged in to Keystone as ${this.#method.who}; Glance is at ${login.access.imageEndpoint}`);
      this.#current = login;
      return login;
    } catch (error) {
      if (error instanceof AuthError || error instanceof ConfigError) this.#refusal = error;
      throw error;
    } finally {
      this.#attempt = undefined;
    }
  }

  /** The token of an earlier login, unless it is about to end. */
  #takeKept(): Login | undefined {
    const { clock, onToken, tokens, log } = this.#options;
    const kept = tokens?.kept();
    if (kept === undefined) return undefined;
    onToken?.(kept.issued.token);
    const sinceSec = clock.monotonicSec() - kept.ageSec;
    if (!this.#lasts({ sinceSec, lifetimeSec: lifetimeOf(kept.issued) })) return undefined;
    try {
      const login = this.#loginBy(kept.issued, sinceSec);
      log?.(`Using the kept token of ${this.#method.who}; Glance is at ${login.access.imageEndpoint}`);
      this.#current = login;
      return login;
    } catch (error) {
      // Since then Keystone may have come to know what is asked for.
      if (!(error instanceof ConfigError)) throw error;
      log?.(`The kept token of ${this.#method.who} is of no use: ${error.message}`);
      return undefined;
    }
  }

  #loginBy(issued: IssuedToken, sinceSec: number): Login {
    const { token } = issued;
    return { access: this.#accessBy(issued), token, sinceSec, lifetimeSec: lifetimeOf(issued) };
  }

  #accessBy({ token, headers: others, catalog, projectId, isAdmin }: IssuedToken): Access {
    const { endpoint, auth, source } = this.#options.credentials;
    const headers = { ...others, 'x-auth-token': token };
    if (endpoint.override !== undefined) {
      const imageEndpoint = overriddenEndpoint(endpoint.override, projectId ?? auth.project_id);
      return { headers, imageEndpoint, isAdmin };
    }
    if (catalog === undefined) {
      throw new ConfigError(
        'CONFIG_CREDENTIALS',
        'Cannot find Glance: the login is for no project, so it has no catalog',
        {
          hint: `Add project_id, or project_name and project_domain_name, to the credentials from ${source}, or give them: ${THIS_COMMAND} --os-project-name service --os-project-domain-name Default; which projects it may be for: openstack federation project list`,
          details: { source },
        },
      );
    }
    return { headers, imageEndpoint: findEndpoint(catalog, endpoint), isAdmin };
  }
}

function lifetimeOf({ lifetimeSec }: IssuedToken): number {
  return lifetimeSec ?? Infinity;
}
