import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { CacheFixture } from '../../support/cache-fixture.ts';
import { callOn } from '../../support/call-in-process.ts';
import type { RecordedRequest, RecordingCloud } from '../../support/cloud/recording-cloud.ts';
import { askKeystoneauth, type KeystoneauthAnswers } from './ask-keystoneauth.ts';
import type { WrittenLogin } from './logins.ts';

/** Writes a login down into a folder, for a caller who finds the cloud at the URL. */
export type WriteLogin = (folder: string, base: string) => WrittenLogin;

/** What became of a login. */
export interface Outcome {
  readonly requests: readonly RecordedRequest[];
  /** What the caller said; for the real libraries, of the error alone. */
  readonly said: string;
}

const IMAGE = '11111111-2222-4333-8444-555555555555';

/** Logs in with the real libraries, all at once. */
export async function theirLogins(
  cloud: RecordingCloud,
  { base, home }: CacheFixture,
  { caller, logins }: { readonly caller: string; readonly logins: readonly WriteLogin[] },
): Promise<{ readonly outcomes: readonly Outcome[]; readonly options: KeystoneauthAnswers['options'] }> {
  const callers = logins.map((_, at) => `${caller}-${at}`);
  const written = callers.map((name, at) => logins[at]?.(join(base, name), cloud.urlOf(name)).theirs);
  const { options, outcomes } = await askKeystoneauth(
    written.filter((login) => login !== undefined),
    home,
  );
  return {
    options,
    outcomes: callers.map((name, at) => ({ requests: requestsOf(cloud, name), said: outcomes[at]?.error ?? '' })),
  };
}

/** Logs in with the prefetcher, as a whole program, and asks for an image. */
export async function ourLogin(
  cloud: RecordingCloud,
  cache: CacheFixture,
  { caller, write }: { readonly caller: string; readonly write: WriteLogin },
): Promise<Outcome> {
  const folder = join(cache.base, caller);
  mkdirSync(folder);
  const { args, env } = write(folder, cloud.urlOf(caller));
  const all = ['--dry-run', '--image', IMAGE, '--retries', '0', ...args];
  const { stderr } = await callOn(cache, 'prefetcher', all, { env, cwd: folder });
  return { requests: requestsOf(cloud, caller), said: stderr };
}

/** Up to the first question about the image: what follows has nothing to do with the login. */
function requestsOf(cloud: RecordingCloud, caller: string): readonly RecordedRequest[] {
  const requests = cloud.requestsOf(caller);
  const asked = requests.findIndex(({ path }) => path.startsWith('/glance'));
  return asked < 0 ? requests : requests.slice(0, asked + 1);
}
