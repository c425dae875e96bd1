/**
 * What systemd runs on a node regularly, or all the time, and daemons that somebody else has started.
 */
import { existsSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { CheckContext } from '../../check.ts';
import { type Located, locate, type Mention, mentionsIn } from './commands.ts';
import { processesOf } from './processes.ts';
import type { Fault, Scheduled, Schedules } from './schedule.ts';
import { type UnitFile, UnitFiles, unitValues } from './unit-files.ts';

/** Where systemd looks for programs without a slash: systemd.exec(5). */
const UNIT_PATH = ['/usr/local/sbin', '/usr/local/bin', '/usr/sbin', '/usr/bin', '/sbin', '/bin'];

/** Of ExecStart=, for other ways to start something. */
const PREFIXES = /^[@:+!|-]+/;

/** What systemd runs. */
export function timerSchedules({ root }: Pick<CheckContext, 'root'>): Schedules {
  const units = new UnitFiles(root);
  const timers = units.matching(/\.timer$/);
  const entries = units.matching(/\.service$/).flatMap((service) => {
    const mentions = unitValues(service, 'Service', 'ExecStart').flatMap((command) =>
      mentionsIn(command.replace(PREFIXES, '')),
    );
    if (mentions.length === 0) return [];
    const starters = timers.filter((timer) => serviceOf(timer) === service.name);
    const starter = starters.find(({ name }) => units.isEnabled(name)) ?? starters[0] ?? service;
    // Without a timer a service is none of ours to judge, unless it stays.
    if (starter === service && !isDaemon(service)) return [];
    return mentions.map((mention) => scheduled(root, { units, starter, service, mention }));
  });
  return { entries, unseen: [], isPresent: units.isInCharge };
}

/** Daemons that run, whoever has started them. */
export function daemonSchedules({ root, asStarted }: Pick<CheckContext, 'root' | 'asStarted'>): readonly Scheduled[] {
  return asStarted(() => processesOf(root)).flatMap(({ pid, words }): readonly Scheduled[] => {
    const at = words
      .slice(0, 3)
      .findIndex((word) => /^glance-cache-(?:pruner|cleaner|prefetcher)(?:\.cjs)?$/.test(basename(word)));
    const [mention] = at < 0 ? [] : mentionsIn(basename(words[at] ?? ''));
    if (mention === undefined || !words.slice(at).some((word) => /^--daem/.test(word))) return [];
    const isStale = words.includes('--stale');
    return [{ job: mention.job, where: `process ${pid}`, maker: 'ours', isStale, fault: undefined }];
  });
}

function serviceOf(timer: UnitFile): string {
  return unitValues(timer, 'Timer', 'Unit').at(-1) ?? `${timer.name.slice(0, -'.timer'.length)}.service`;
}

function isDaemon(service: UnitFile): boolean {
  return unitValues(service, 'Service', 'ExecStart').some((command) => command.includes('--daemon'));
}

interface Found {
  readonly units: UnitFiles;
  /** The timer, or the service itself. */
  readonly starter: UnitFile;
  readonly service: UnitFile;
  readonly mention: Mention;
}

function scheduled(root: string, { units, starter, service, mention }: Found): Scheduled {
  const located = mention.isElsewhere ? undefined : locate(root, mention.program, UNIT_PATH);
  const fault = mention.isElsewhere
    ? faultOf(units, starter)
    : (faultOf(units, starter) ?? lost(root, { service, mention, located }));
  return { job: mention.job, where: starter.path, maker: located?.maker ?? 'unknown', isStale: mention.isStale, fault };
}

function faultOf(units: UnitFiles, { name }: UnitFile): Fault | undefined {
  const command = `systemctl enable --now ${name}`;
  if (!units.isInCharge) return { state: 'is for systemd, which does not run here', command };
  return units.isEnabled(name) ? undefined : { state: 'is not enabled', command };
}

function lost(
  root: string,
  { service, mention, located }: Pick<Found, 'service' | 'mention'> & { readonly located: Located | undefined },
): Fault | undefined {
  const program = located === undefined ? mention.program : located.lacks;
  if (program === undefined || (program.includes('/') && existsSync(join(root, program)))) return undefined;
  const where = program.includes('/') ? '' : ` in ${UNIT_PATH.slice(0, 4).join(', ')}`;
  return {
    state: `starts ${service.name}, and there is no ${JSON.stringify(program)}${where}`,
    command: `systemctl cat ${service.name}`,
  };
}
