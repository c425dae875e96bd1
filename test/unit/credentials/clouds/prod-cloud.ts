import type { Credentials } from '../../../../src/credentials/credentials.ts';
import type { CacheError } from '../../../../src/errors/cache-error.ts';
import { useTempDir } from '../../../support/temp-dir.ts';
import { credentialsOf, type Given, refusal, write } from '../resolved.ts';

/** The cloud `prod`, as tests write it. */
export interface ProdCloud {
  /** Where clouds.yaml lies. */
  dir(): string;
  /** Asks for `prod`. */
  given(env?: Readonly<Record<string, string>>): Given;
  /** The credentials of `prod` in a clouds.yaml. */
  prod(text: string): Promise<Credentials>;
  /** The error where it cannot be used. */
  prodRefused(text: string): Promise<CacheError>;
}

/** A fresh folder for every test. */
export function useProdCloud(): ProdCloud {
  const dir = useTempDir();
  const given = (env: Readonly<Record<string, string>> = {}): Given => ({ cloud: 'prod', env, dir: dir() });
  return {
    dir,
    given,
    prod(text) {
      write(dir(), 'clouds.yaml', text);
      return credentialsOf(given());
    },
    prodRefused(text) {
      write(dir(), 'clouds.yaml', text);
      return refusal(given());
    },
  };
}

/** A clouds.yaml in which `prod` lacks nothing, with more lines for it. */
export function cloudsYaml(...lines: readonly string[]): string {
  return ['clouds:', '  prod:', '    auth: {auth_url: http://k, user_id: u, password: pass-1}', ...lines, ''].join(
    '\n',
  );
}
