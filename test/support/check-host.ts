/**
 * A node for `check` that is a folder: with processes, accounts, crontabs and units as a test writes them, and a real cache.
 */
import { chmodSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect } from 'vitest';
import type { CacheLayout } from '../../src/cache/layout.ts';
import { parseConfFile } from '../../src/settings/conf-file.ts';
import { ALL_OPTIONS } from '../../src/settings/options.ts';
import { resolveSettings } from '../../src/settings/resolve.ts';
import { systemClock } from '../../src/time/system-clock.ts';
import type { Check, CheckContext } from '../../src/use-cases/check/check.ts';
import type { CompleteCredentials } from '../../src/use-cases/check/cloud-probe.ts';
import type { CheckFinding } from '../../src/use-cases/check/finding.ts';
import { createCache } from './seeded-cache.ts';
import { IN_MEMORY, useTempDir } from './temp-dir.ts';

/** Whose rights a process has, its own group first. */
interface User {
  readonly uid: number;
  readonly groups: readonly number[];
}

/** A node. */
export class CheckHost {
  readonly root: string;
  readonly layout: CacheLayout;
  /** Lines of the configuration. */
  conf: readonly string[] = ['[DEFAULT]'];

  constructor(root: string) {
    this.root = root;
    chmodSync(root, 0o755);
    const cache = join(root, 'var/lib/glance/image-cache');
    mkdirSync(cache, { recursive: true });
    this.layout = createCache(cache);
    this.write('/etc/passwd', 'root:x:0:0::/root:/bin/sh\nglance:x:64062:64062::/:/bin/false\n');
    this.write('/etc/group', 'root:x:0:\nglance:x:64062:\nstore:x:777:someone,glance\n');
  }

  /** Writes a file of the node. */
  write(path: string, text: string, mode = 0o644): string {
    const real = join(this.root, path);
    mkdirSync(dirname(real), { recursive: true });
    writeFileSync(real, text);
    chmodSync(real, mode);
    return real;
  }

  /** Makes a link of the node's. */
  link(path: string, target: string): void {
    const real = join(this.root, path);
    mkdirSync(dirname(real), { recursive: true });
    symlinkSync(target, real);
  }

  /** Starts a process, as procfs has it. */
  run(pid: number, words: readonly string[], { uid = 64_062, groups = [uid] }: Partial<User> = {}): void {
    const [gid = uid] = groups;
    this.write(`/proc/${pid}/cmdline`, words.map((word) => `${word}\0`).join(''));
    const ids = (id: number): string => [id, id, id, id].join('\t');
    const status = `Name:\tx\nUid:\t${ids(uid)}\nGid:\t${ids(gid)}\nGroups:\t${groups.join(' ')} \n`;
    this.write(`/proc/${pid}/status`, status);
  }

  /** Has glance-api run as whoever runs the tests. */
  runGlanceAsTester(): void {
    const { geteuid, getegid } = process;
    if (geteuid === undefined || getegid === undefined) throw new Error('There are users here');
    // As root nothing is ever closed to it.
    this.run(812, ['/usr/bin/python3', '/usr/bin/glance-api'], {
      uid: geteuid.call(process),
      groups: [getegid.call(process)],
    });
  }

  /** What checks look at. */
  context(more: Partial<CheckContext> = {}): CheckContext {
    const path = join(this.root, 'etc/glance/glance-cache.conf');
    const text = [...this.conf, ''].join('\n');
    const settings = resolveSettings(
      { flags: [], env: {}, files: [parseConfFile(path, Buffer.from(text))] },
      ALL_OPTIONS,
    );
    return {
      settings,
      glanceApi: undefined,
      cachePrograms: undefined,
      configFiles: [],
      layout: { ...this.layout },
      owner: { uid: 64_062, gid: 64_062 },
      index: undefined,
      cloud: { credentials: { kind: 'none' }, files: [], login: undefined, isLeftToPerson: false },
      root: this.root,
      clock: systemClock,
      asStarted: (look) => look(),
      ...more,
    };
  }

  /** What a check finds. */
  async check(check: Check, more: Partial<CheckContext> = {}): Promise<readonly CheckFinding[]> {
    const findings = await check.run(this.context(more));
    for (const finding of findings) expectWellFormed(finding);
    return findings;
  }
}

/** A node before each test. */
export function useCheckHost(): () => CheckHost {
  const folder = useTempDir(IN_MEMORY);
  let host: CheckHost | undefined;
  beforeEach(() => {
    host = new CheckHost(folder());
  });
  afterEach(() => {
    host = undefined;
  });
  return () => {
    if (host === undefined) throw new Error('There is a node only while a test runs');
    return host;
  };
}

/** Credentials of the environment that lack nothing. */
export function completeCredentials(more: Partial<CompleteCredentials> = {}): CompleteCredentials {
  const plain = { kind: 'complete', source: 'the environment', authType: 'password', warnings: [] } as const;
  return { ...plain, personalPart: undefined, options: [], ...more };
}

/** Names and severities of findings, in order. */
export function told(findings: readonly CheckFinding[]): readonly string[] {
  return findings.map(({ check, severity }) => `${severity} ${check}`);
}

/** What holds of every finding. */
function expectWellFormed({ check, message, reason, command }: CheckFinding): void {
  expect(check).toMatch(/^[a-z]+(?:-[a-z]+)*$/);
  for (const sentence of [message, reason]) expect(sentence).toMatch(/^\S.*[^.\s]$/s);
  expect(command ?? 'x').toMatch(/^\S.*\S$|^\S$/);
}
