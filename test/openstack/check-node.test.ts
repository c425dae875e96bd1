import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { runOurs, USERS } from './support/on-node.ts';
import { openrc } from './support/openrc.ts';
import { canSwitchUser } from './support/service-user.ts';
import type { GlanceNode } from './support/stack-info.ts';
import { useStack } from './support/use-stack.ts';

// What check finds of a node on which a real glance-api runs, and of logins at a real Keystone.

const stack = useStack();
const login = openrc(stack);
const WRONG = 'a-wrong-secret-of-mine';
let node: GlanceNode;

beforeAll(async () => {
  node = await stack.startGlanceNode({ workers: 1 });
});

interface Item {
  readonly check: string;
  readonly severity: string;
  readonly message: string;
}

async function check(
  env: Readonly<Record<string, string>>,
  as: (typeof USERS)[number] = 'glance',
  args: readonly string[] = [],
): Promise<readonly Item[]> {
  const { exitCode, stdout, stderr } = await runOurs(
    node,
    'glance-cache-manage',
    ['--config-file', node.apiConf, '--format', 'json', 'check', ...args],
    { env, as },
  );
  expect([0, 3], stderr).toContain(exitCode);
  expect(stdout + stderr).not.toMatch(/gAAAA|a-wrong-secret-of-mine/);
  return (JSON.parse(stdout) as { readonly items: readonly Item[] }).items;
}

function about(items: readonly Item[], pattern: RegExp): readonly string[] {
  return items.filter((item) => pattern.test(item.check)).map((item) => `${item.severity} ${item.check}`);
}

describe.each(USERS)('glance-cache-manage check as %s', (as) => {
  test('finds a login that works, clocks that agree, and nothing that glance-api may not use', async () => {
    const items = await check(login, as);
    expect(about(items, /login|clock|future|could-not-look|locked-out|foreign-owner|not-a-folder|missing/)).toEqual([]);
  });

  test('notes an account without an admin role', async () => {
    expect(about(await check(openrc(stack, stack.accounts.demo), as), /login/)).toEqual(['note login-without-admin']);
  });

  test('finds a wrong password, in our words', async () => {
    const items = await check({ ...login, OS_PASSWORD: WRONG }, as);
    expect(about(items, /login|clock/)).toEqual(['error login-fails']);
    expect(items.find((item) => item.check === 'login-fails')?.message).toMatch(/^Cannot log in at ".*" as user /);
    expect(about(await check({ ...login, OS_PASSWORD: WRONG }, as, ['--offline']), /login/)).toEqual([]);
  });
});

test.skipIf(!canSwitchUser)(
  'what root leaves in the cache is found by the user of the real process (root only)',
  async () => {
    const path = join(node.cacheDir, '11111111-2222-4333-8444-555555555555');
    writeFileSync(path, 'x', { mode: 0o600 });
    try {
      const items = await check(login, 'root', ['--offline']);
      const [item] = items.filter(({ message }) => message.includes(JSON.stringify(path)));
      expect(item).toMatchObject({ check: 'locked-out', severity: 'error' });
      expect(item?.message).toMatch(/as which glance-api runs \(as process \d+ does\)$/);
    } finally {
      rmSync(path);
    }
  },
);
