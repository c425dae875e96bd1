import { Agent, type Dispatcher, fetch } from 'undici';
import { TLS } from '../../support/tls.ts';

/**
 * A browser as somebody uses it who logs in at the provider: it follows redirects, keeps cookies and fills in forms.
 */

/** What is typed into fields of these names. */
export type Typed = Readonly<Record<string, string>>;

const MAX_PAGES = 20;

interface Page {
  readonly url: URL;
  readonly text: string;
}

interface Form {
  readonly action: URL;
  readonly fields: URLSearchParams;
}

/** Opens a page with or for a code of a device, and submits what it asks for, page after page, until the device is let in. */
export async function logInAt(page: string, typed: Typed): Promise<void> {
  await withBrowser(async (open) => {
    let shown = await open({ url: new URL(page) });
    for (let pages = 0; pages < MAX_PAGES; pages += 1) {
      const form = formIn(shown, typed);
      if (form === undefined) break;
      shown = await open({ url: form.action, fields: form.fields });
    }
    if (!shown.text.includes('Sign-in Success')) throw new Error(`Cannot log in at ${page}:\n${shown.text}`);
  });
}

/** Opens a page with a code for a device in it, and turns the device down. */
export async function turnDownAt(page: string): Promise<void> {
  await withBrowser(async (open) => {
    let shown = await open({ url: new URL(page) });
    for (let form = formIn(shown, {}); form !== undefined; form = formIn(shown, {})) {
      const isQuestion = form.fields.has('confirm');
      if (isQuestion) {
        form.fields.delete('confirm');
        form.fields.set('abort', 'yes');
      }
      shown = await open({ url: form.action, fields: form.fields });
      if (isQuestion) return;
    }
    throw new Error(`Cannot turn a device down at ${page}: it does not ask`);
  });
}

type Open = (request: { readonly url: URL; readonly fields?: URLSearchParams }) => Promise<Page>;

async function withBrowser(use: (open: Open) => Promise<void>): Promise<void> {
  const dispatcher = new Agent({ connect: { ca: TLS.ca } });
  try {
    await use(opener(dispatcher));
  } finally {
    await dispatcher.close();
  }
}

function opener(dispatcher: Dispatcher): Open {
  const cookies = new Map<string, string>();
  const open: Open = async ({ url, fields }) => {
    const response = await fetch(url, {
      dispatcher,
      redirect: 'manual',
      headers: { cookie: Array.from(cookies, ([name, value]) => `${name}=${value}`).join('; ') },
      ...(fields === undefined ? {} : { method: 'POST', body: fields }),
    });
    for (const cookie of response.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(cookie) ?? [];
      cookies.set(name, value);
    }
    const text = await response.text();
    const location = response.headers.get('location');
    return location === null ? { url, text } : open({ url: new URL(location, url) });
  };
  return open;
}

/** The first form of a page, filled in. */
function formIn({ url, text }: Page, typed: Typed): Form | undefined {
  const [, attributes = '', body = ''] = /<form([^>]*)>([\s\S]*?)<\/form>/.exec(text) ?? [];
  const action = attributeOf(attributes, 'action');
  if (action === undefined) return undefined;
  const fields = new URLSearchParams();
  for (const [, input = ''] of body.matchAll(/<input([^>]*)>/g)) {
    const name = attributeOf(input, 'name');
    if (name !== undefined) fields.set(name, typed[name] ?? attributeOf(input, 'value') ?? '');
  }
  return { action: new URL(action, url), fields };
}

function attributeOf(tag: string, name: string): string | undefined {
  return new RegExp(`\\b${name}="([^"]*)"`).exec(tag)?.[1]?.replaceAll('&amp;', '&');
}
