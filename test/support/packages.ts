import { type SpawnSyncReturns, spawnSync } from 'node:child_process';
import { existsSync, rmSync, writeFileSync } from 'node:fs';

/**
 * Debian's packages, installed where they are missing, without starting what they bring.
 */

const POLICY = '/usr/sbin/policy-rc.d';

/** Installs what is missing; takes a minute or two the first time and milliseconds afterwards. Needs root for it. */
export function installPackages(packages: readonly string[]): void {
  const missing = packages.filter((name) => !isInstalled(name));
  if (missing.length === 0) return;
  if (process.getuid?.() !== 0 || !existsSync('/usr/bin/apt-get')) {
    throw new Error(`These tests need root on Debian to install ${missing.join(', ')}`);
  }
  process.stderr.write(`Installing ${missing.join(', ')}\n`);
  // Debian's maintainer scripts ask this file before they start a service; whatever it says already is the owner's will.
  const ours = !existsSync(POLICY);
  if (ours) writeFileSync(POLICY, '#!/bin/sh\nexit 101\n', { mode: 0o755 });
  try {
    install(missing);
  } finally {
    if (ours) rmSync(POLICY, { force: true });
  }
}

function install(packages: readonly string[]): void {
  const args = ['install', '--yes', '--no-install-recommends', ...packages];
  if (apt(args).status === 0) return;
  // Most often the package lists are absent or out of date.
  apt(['update']);
  const { status, stdout, stderr } = apt(args);
  if (status !== 0) throw new Error(`Cannot install ${packages.join(', ')}: apt-get failed\n${stdout}${stderr}`);
}

function apt(args: readonly string[]): SpawnSyncReturns<string> {
  return spawnSync('/usr/bin/apt-get', ['--quiet', '--option', 'DPkg::Lock::Timeout=600', ...args], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
    // Proxy settings have to reach apt-get; the path has to lead its scripts to Debian's own Python.
    env: { ...process.env, PATH: '/usr/sbin:/usr/bin:/sbin:/bin', DEBIAN_FRONTEND: 'noninteractive' },
  });
}

function isInstalled(name: string): boolean {
  const { stdout } = spawnSync('/usr/bin/dpkg-query', ['--show', `--showformat=\${db:Status-Status}`, name], {
    encoding: 'utf8',
  });
  return stdout === 'installed';
}
