import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { credentialsOf } from '../credentials/resolved.ts';
import { commandLinesIn, expectToParse } from './command-lines.ts';
import { ROOT } from './manual.ts';
import { PROGRAMS } from './programs.ts';

const DIR = join(ROOT, 'man', 'examples');
const names = readdirSync(DIR);
const read = (name: string): string => readFileSync(join(DIR, name), 'utf8');
const readme = readFileSync(join(ROOT, 'README.md'), 'utf8');

/** The programs for cron and its like; the other one is for people. */
const REGULAR = PROGRAMS.map(({ name }) => name)
  .filter((name) => name !== 'glance-cache-manage')
  .sort();

interface Container {
  readonly command: readonly string[];
  readonly volumeMounts: readonly unknown[];
}

/** All containers of the manifest, that of glance-api, which has no command, first. */
function containers(): readonly Container[] {
  const manifest = parse(read('kubernetes-sidecar.yaml')) as {
    readonly spec: { readonly template: { readonly spec: { readonly containers: readonly Partial<Container>[] } } };
  };
  return manifest.spec.template.spec.containers.map(({ command = [], volumeMounts = [], ...more }) => ({
    ...more,
    command,
    volumeMounts,
  }));
}

function sidecars(): readonly Container[] {
  return containers().slice(1);
}

/** The unit of all three programs. */
const TEMPLATE = 'glance-cache-tools@.service';

/** The lines of an example that run something. */
function runningLines(name: string): readonly string[] {
  const lines = read(name)
    .split('\n')
    .filter((line) => !/^\s*#/.test(line));
  if (name === TEMPLATE) {
    const line = lines.find((text) => text.startsWith('ExecStart=')) ?? '';
    return REGULAR.map((program) => line.replace('/usr/bin/env glance-cache-%i', program));
  }
  if (name.endsWith('.service')) return lines.filter((line) => line.startsWith('ExecStart='));
  if (name.endsWith('.cron')) return lines.filter((line) => /^[\d*]/.test(line));
  return name.startsWith('kubernetes-') ? sidecars().map(({ command }) => command.join(' ')) : [];
}

/** Only looks, and so does not mind who else is at work. */
const LOOKING = 'glance-cache-metrics';

const running = names.filter((name) => /\.(?:service|cron)$|^kubernetes-/.test(name) && !name.startsWith(LOOKING));

describe.each(running)('man/examples/%s', (name) => {
  test('runs the programs with flags they have, and does not fail over an overlap', () => {
    const calls = runningLines(name).map(commandLinesIn);
    expect(calls.length).toBeGreaterThan(0);
    for (const call of calls.flat()) {
      expectToParse(call);
      // To a daemon an overlap is none.
      expect(call.args.some((arg) => arg === '--skip-if-busy' || arg === '--daemon')).toBe(true);
    }
    expect(calls.every((found) => found.length === 1)).toBe(true);
  });
});

describe('man/examples/glance-cache-tools.cron', () => {
  test('has lines of five fields, a user and a command', () => {
    for (const line of runningLines('glance-cache-tools.cron')) {
      expect(line).toMatch(/^(?:[\d*/,-]+ +){5}(?:root|glance) +glance-cache-/);
    }
  });

  test('has the lines that README.md shows', () => {
    for (const line of runningLines('glance-cache-tools.cron')) expect(readme).toContain(`\n${line}\n`);
  });

  test('runs every program that is made to be run regularly', () => {
    const programs = runningLines('glance-cache-tools.cron').flatMap(commandLinesIn);
    expect(programs.map(({ program }) => program).sort()).toEqual(REGULAR);
  });
});

describe('man/examples/*.service', () => {
  test('are there for every program that is made to be run regularly, each with its timer', () => {
    const units = names.filter((name) => /\.(?:service|timer)$/.test(name) && name !== TEMPLATE).sort();
    expect(units).toEqual([...REGULAR, LOOKING].sort().flatMap((name) => [`${name}.service`, `${name}.timer`]));
  });
});

describe('man/examples/glance-cache-tools.logrotate', () => {
  test('rotates the log of every program', () => {
    const logs = Array.from(
      read('glance-cache-tools.logrotate').matchAll(/^\/\S+\/(\S+)\.log$/gm),
      (match) => match[1],
    );
    expect(logs.sort()).toEqual(PROGRAMS.map(({ name }) => name).sort());
  });
});

describe('man/examples/kubernetes-sidecar.yaml', () => {
  test('has a sidecar for every program that is made to be run regularly', () => {
    expect(
      sidecars()
        .map(({ command }) => command[0])
        .sort(),
    ).toEqual(REGULAR);
  });

  test('mounts the cache at one path in all containers', () => {
    const mounts = containers().map(({ volumeMounts }) => volumeMounts);
    const cache = { name: 'image-cache', mountPath: '/var/lib/glance/image-cache' };
    expect(mounts.length).toBe(REGULAR.length + 1);
    for (const mounted of mounts) expect(mounted).toContainEqual(cache);
  });

  test('lets the sidecars write to nothing but the cache, as a user without rights', () => {
    const secured = { runAsNonRoot: true, readOnlyRootFilesystem: true, allowPrivilegeEscalation: false };
    for (const sidecar of sidecars())
      expect(sidecar).toMatchObject({ securityContext: secured, resources: { limits: { memory: '256Mi' } } });
  });
});

describe('man/examples/clouds.yaml', () => {
  test('has clouds that are complete', async () => {
    const { clouds } = parse(read('clouds.yaml')) as { readonly clouds: object };
    const found = await Promise.all(Object.keys(clouds).map((cloud) => credentialsOf({ dir: DIR, cloud })));
    expect(found.map(({ authType }) => authType)).toEqual([
      'v3applicationcredential',
      'v3oidcclientcredentials',
      'v3oidcdeviceauthz',
    ]);
  });
});

const hasSystemd = spawnSync('systemd-analyze', ['--version']).error === undefined;

describe('systemd-analyze', () => {
  const dir = mkdtempSync(join(tmpdir(), 'units-'));
  afterAll(() => rmSync(dir, { recursive: true }));

  test.skipIf(!hasSystemd)('finds nothing to complain about in the units (needs systemd)', () => {
    const units = names.filter((name) => /\.(?:service|timer)$/.test(name));
    for (const name of units) {
      // It looks for the programs too, which are not installed here.
      const text = read(name).replace(/^ExecStart=(glance\S+)/m, `ExecStart=${join(ROOT, 'bin')}/$1.cjs`);
      writeFileSync(join(dir, name), text);
    }
    const { status, stderr } = spawnSync(
      'systemd-analyze',
      ['verify', '--man=no', ...units.map((name) => join(dir, name))],
      {
        encoding: 'utf8',
      },
    );
    // What it says of other units on this machine is no matter of ours.
    expect(stderr.split('\n').filter((line) => line.includes('glance-cache'))).toEqual([]);
    expect(status).toBe(0);
  });
});
