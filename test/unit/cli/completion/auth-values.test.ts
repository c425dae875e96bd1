import { expect, test } from 'vitest';
import { describePrograms } from '../../../../src/cli/completion/describe-programs.ts';
import { MANAGE } from '../../../../src/cli/manage.ts';
import { typeNamed } from '../../../../src/credentials/auth-types.ts';

const LOGGING_IN = describePrograms(MANAGE).filter(({ flags }) =>
  flags.some(({ names }) => names.includes('--os-auth-type')),
);

test('three programs log in', () => {
  expect(LOGGING_IN.map(({ name }) => name)).toEqual([
    'glance-cache-manage',
    'glance-cache-cleaner',
    'glance-cache-prefetcher',
  ]);
});

test.each(LOGGING_IN.map((program) => [program.name, program] as const))(
  'describePrograms() gives shells of %s what may follow the flags of a login',
  (_name, { flags }) => {
    const valuesOf = (flag: string) => flags.find(({ names }) => names.includes(flag))?.value?.values;
    expect(valuesOf('--os-interface')).toEqual({ kind: 'words', words: ['public', 'internal', 'admin'] });
    expect(valuesOf('--os-access-token-type')).toEqual({ kind: 'words', words: ['access_token', 'id_token'] });
    expect(valuesOf('--os-code-challenge-method')).toEqual({ kind: 'words', words: ['S256', 'plain'] });
    expect(valuesOf('--os-cacert')).toEqual({ kind: 'file' });
    expect(valuesOf('--os-key')).toEqual({ kind: 'file' });
    // Its last word is that of a file, too.
    expect(valuesOf('--os-idp-otp-key')).toEqual({ kind: 'any' });
    const types = valuesOf('--os-auth-type');
    const words = types?.kind === 'words' ? types.words : [];
    expect(words).toEqual(expect.arrayContaining(['password', 'v3oidcclientcredentials', 'http_basic', 'none']));
    // No aliases, and nothing of version 2.
    for (const word of words) expect(typeNamed(word)?.name).toBe(word);
  },
);
