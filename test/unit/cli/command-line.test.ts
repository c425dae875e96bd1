import { expect, test } from 'vitest';
import { commandLine } from '../../../src/cli/command-line.ts';

test.each<[readonly string[], string]>([
  [[], 'pruner'],
  [['--max-size', '80GiB', '--dry-run'], 'pruner --max-size 80GiB --dry-run'],
  [['--config-file', "/srv/some one's.conf"], "pruner --config-file '/srv/some one'\\''s.conf'"],
  [['$(reboot)', ''], "pruner '$(reboot)' ''"],
  [['--os-cloud', 'admin', '--os-region-name=one'], 'pruner --os-cloud admin --os-region-name=one'],
  [['--os-token-cache', '--daemon'], 'pruner --os-token-cache --daemon'],
])('commandLine() quotes %j as a shell wants it', (args, line) => {
  expect(commandLine('pruner', args)).toBe(line);
});

test.each([
  '--os-password',
  '--os-password=hunter2',
  '--os_password',
  '--os-pass',
  '--os-p',
  '--os-token',
  '--os-token=hunter2',
  '--os-token-cache=hunter2',
  '--os-tok',
  '--os-auth-token',
  '--os-auth',
  '--os_auth_token',
  '--auth_token',
  '--au',
  '--os-application-credential-secret',
  '--os-app',
  '-Ktext',
  '-A',
  '-vK',
])('commandLine() leaves the arguments out where %s may hold a secret', (flag) => {
  expect(commandLine('pruner', ['list-cached', flag, 'hunter2'])).toBe('pruner ...');
});

test('commandLine() leaves the arguments out where an address holds a password', () => {
  expect(commandLine('manage', ['--host', 'https://me:hunter2@node1', 'list-cached'])).toBe('manage ...');
});
