import { installPackages } from '../support/packages.ts';

/** Vitest's hook before the first test file. */
export function setup(): void {
  // As under cron and systemd.
  process.umask(0o022);
  installPackages([
    'strace',
    'systemd',
    'cron',
    'faketime',
    'logrotate',
    'procps',
    'prometheus',
    'prometheus-node-exporter',
    'zsh',
    'fish',
    'bash-completion',
  ]);
}
