import { expect, test } from 'vitest';
import { type ProgramName, runProgram, startProgram } from './support/programs.ts';
import { run } from './support/run.ts';
import { canSwitchUser } from './support/service-user.ts';
import { useStack } from './support/use-stack.ts';

// Whoever runs them, the programs have to be readable and to load their native module.

const stack = useStack();
// Only root can run something as somebody else.
const rootTest = test.skipIf(!canSwitchUser);
const programs: ProgramName[] = [
  'glance-cache-manage',
  'glance-cache-pruner',
  'glance-cache-cleaner',
  'glance-cache-prefetcher',
];

rootTest.each(programs.flatMap((name) => (['root', 'glance', 12_345] as const).map((as) => ({ name, as }))))(
  'runProgram() runs $name when asked to be $as',
  async ({ name, as }) => {
    expect(await runProgram(name, ['--version'], { as })).toMatchObject({ exitCode: 0, stderr: '' });
  },
);

test('runProgram() hands over arguments, input and environment when the program asks for them', async () => {
  const refused = await runProgram('glance-cache-pruner', ['--no-such-option'], {
    as: 'glance',
    input: 'y\n',
    env: { NO_COLOR: '1' },
  });
  expect(refused).toMatchObject({ exitCode: 2, stdout: '' });
});

test('startProgram() returns a process that can be signalled when it still runs', async () => {
  const { child, result } = startProgram('glance-cache-pruner', ['--version'], { as: 'glance' });
  child.kill('SIGKILL');
  expect(await result).toMatchObject({ exitCode: null, signal: 'SIGKILL' });
});

rootTest.each([
  { as: 12_345, printed: '12345 12345 12345' },
  { as: stack.user, printed: `${stack.user.uid} ${stack.user.gid} ${stack.user.gid}` },
])('run() takes user, group and groups of $as', async ({ as, printed }) => {
  const script = 'echo $(id -u) $(id -g) $(id -G)';
  expect(await run(['/bin/sh', '-c', script], { as, env: {} })).toMatchObject({ stdout: `${printed}\n` });
});
