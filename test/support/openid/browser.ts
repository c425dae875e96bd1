/**
 * Somebody at another device: opens the pages of a provider, enters the code, logs in, and consents; or does not.
 */
import { Agent, fetch } from 'undici';
import { expect } from 'vitest';

/** Who does what. */
export interface Person {
  /** Entered where a page asks for it. */
  readonly code: string;
  /** Whom oidc-provider's own pages let in with any password. */
  readonly user?: string;
  readonly turnsDown?: boolean;
  /** The authority that the browser trusts, where the provider speaks TLS. */
  readonly ca?: string;
}

/**
 * Goes through all pages, from the first one to the one on which there is nothing left to do.
 *
 * @returns what that one says
 */
export async function visit(firstPage: string, person: Person): Promise<string> {
  return (await browse(firstPage, person)).text;
}

/** A login for a client with a browser, which the provider sends on to somewhere else at its end. */
export interface Authorization {
  readonly issuer: string;
  readonly clientId: string;
  /** Where the browser is sent with the code. Nobody is asked there. */
  readonly redirectUri: string;
}

/**
 * Logs in as alice.
 *
 * @returns the authorization code, good for one login and a minute
 */
export async function authorize({ issuer, clientId, redirectUri }: Authorization): Promise<string> {
  const query = new URLSearchParams({
    client_id: clientId,
    redirect_uri: redirectUri,
    response_type: 'code',
    scope: 'openid profile',
  });
  const page = await browse(`${issuer}/auth?${query.toString()}`, { code: '' }, redirectUri);
  const code = new URL(page.url).searchParams.get('code');
  expect(code, page.url).not.toBeNull();
  return code ?? '';
}

/** @param end where no page is opened any more */
async function browse(firstPage: string, person: Person, end?: string): Promise<Page> {
  const browser = new Browser({ ca: person.ca, end });
  try {
    return await fillIn(browser, firstPage, person);
  } finally {
    await browser.close();
  }
}

async function fillIn(browser: Browser, firstPage: string, person: Person): Promise<Page> {
  const { code, user = 'alice', turnsDown = false } = person;
  const entered = new Set<string>();
  let page = await browser.open(firstPage);
  for (let form = formOf(page); form !== undefined; form = formOf(page)) {
    const { confirm, ...hidden } = form.hidden;
    if (confirm !== undefined && turnsDown) return browser.open(form.action, { ...hidden, abort: 'yes' });
    const own: Fields = { user_code: code, login: user, password: 'any' };
    const typed = form.names.map((name) => [name, own[name] ?? '']);
    // Whoever has to enter the same thing twice was not understood.
    expect(
      typed.some(([name = '']) => entered.has(name)),
      page.text,
    ).toBe(false);
    for (const [name = ''] of typed) entered.add(name);
    page = await browser.open(form.action, { ...form.hidden, ...(Object.fromEntries(typed) as Fields) });
  }
  return page;
}

type Fields = Readonly<Record<string, string>>;

interface Page {
  readonly url: string;
  readonly text: string;
}

/** Keeps cookies, each for its path, and follows redirects. */
class Browser {
  readonly #end: string | undefined;
  readonly #cookies = new Map<string, { readonly path: string; readonly pair: string }>();

  readonly #agent: Agent;

  constructor({ ca, end }: { readonly ca: string | undefined; readonly end: string | undefined }) {
    this.#agent = new Agent({ connect: ca === undefined ? {} : { ca } });
    this.#end = end;
  }

  async close(): Promise<void> {
    await this.#agent.close();
  }

  async open(url: string, form?: Fields): Promise<Page> {
    const response = await fetch(url, {
      dispatcher: this.#agent,
      redirect: 'manual',
      headers: { cookie: this.#cookiesFor(new URL(url).pathname), accept: 'text/html' },
      ...(form === undefined ? {} : { method: 'POST', body: new URLSearchParams(form) }),
    });
    for (const cookie of response.headers.getSetCookie()) this.#take(cookie);
    const text = await response.text();
    const location = response.headers.get('location');
    if (location !== null && this.#end !== undefined && location.startsWith(this.#end))
      return { url: location, text: '' };
    if (location !== null) return this.open(new URL(location, url).href);
    expect(response.status, text).toBeLessThan(500);
    return { url, text };
  }

  #take(cookie: string): void {
    const [pair = '', ...attributes] = cookie.split(/; */);
    const path = attributes.find((text) => /^path=/i.test(text))?.slice('path='.length) ?? '/';
    this.#cookies.set(`${pair.slice(0, pair.indexOf('='))} ${path}`, { path, pair });
  }

  #cookiesFor(pathname: string): string {
    const cookies = [...this.#cookies.values()].filter(({ path }) => pathname.startsWith(path));
    return cookies.map(({ pair }) => pair).join('; ');
  }
}

interface Form {
  readonly action: string;
  readonly hidden: Fields;
  /** What is to be typed. */
  readonly names: readonly string[];
}

function formOf({ url, text }: Page): Form | undefined {
  const [, action, inside] = /<form[^>]* action="([^"]*)"[^>]*>(.*?)<\/form>/s.exec(text) ?? [];
  if (action === undefined || inside === undefined) return undefined;
  const inputs = [...inside.matchAll(/<input\b[^>]*>/g)].map(([tag]) => ({
    name: attribute(tag, 'name') ?? '',
    value: attribute(tag, 'value') ?? '',
    isHidden: attribute(tag, 'type') === 'hidden',
  }));
  return {
    action: new URL(action, url).href,
    hidden: Object.fromEntries(inputs.flatMap(({ name, value, isHidden }) => (isHidden ? [[name, value]] : []))),
    names: inputs.flatMap(({ name, isHidden }) => (isHidden ? [] : [name])),
  };
}

function attribute(tag: string, name: string): string | undefined {
  return new RegExp(`\\b${name}="([^"]*)"`).exec(tag)?.[1];
}
