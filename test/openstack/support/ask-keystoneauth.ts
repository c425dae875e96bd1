import { execFile } from 'node:child_process';
import { join } from 'node:path';

/** An option of a way to log in, as keystoneauth has it. */
export interface KeystoneauthOption {
  readonly name: string;
  /** The key of a configuration file. */
  readonly dest: string;
  readonly former: readonly string[];
  readonly secret: boolean;
  readonly flags: readonly string[];
}

/** A login for the real libraries. Paths are of files; one that is not there is no file. */
export type KeystoneauthLogin = { readonly env: Readonly<Record<string, string>> } & (
  | {
      readonly kind: 'cloud';
      readonly clouds: string;
      readonly secure: string;
      readonly public: string;
      readonly cloud: string;
      readonly region: string | null;
    }
  | { readonly kind: 'environment' }
  | { readonly kind: 'flags'; readonly args: readonly string[] }
  | { readonly kind: 'file'; readonly file: string; readonly group: string }
);

/** What came of logins. */
export interface KeystoneauthAnswers {
  /** By the ways to log in. */
  readonly options: Readonly<Record<string, readonly KeystoneauthOption[]>>;
  /** In the order of the logins. */
  readonly outcomes: readonly { readonly error?: string }[];
}

/**
 * Lets the real keystoneauth and openstacksdk log in. It does not block: the server that they ask may be of this process.
 *
 * @param home for what they remember of themselves; a .netrc in it would have passwords of its own
 * @throws Error when the script fails
 */
export function askKeystoneauth(logins: readonly KeystoneauthLogin[], home: string): Promise<KeystoneauthAnswers> {
  return new Promise((resolve, reject) => {
    const script = join(import.meta.dirname, 'keystoneauth_oracle.py');
    const env = { PATH: process.env['PATH'], PYTHONUTF8: '1', LC_ALL: 'C.UTF-8', no_proxy: '*', HOME: home };
    const python = execFile('/usr/bin/python3', [script], { env, maxBuffer: 2 ** 28, cwd: '/' }, (error, stdout) => {
      if (error === null) resolve(JSON.parse(stdout) as KeystoneauthAnswers);
      else reject(error);
    });
    python.stdin?.end(JSON.stringify({ logins }));
  });
}
