/**
 * The lines of a crontab, as crontab(5) has them.
 */

/** A command that cron runs. */
export interface CronLine {
  /** From 1. */
  readonly line: number;
  readonly command: string;
  /** Where cron looks for programs at this line. */
  readonly folders: readonly string[];
}

/** Of Debian's cron and of cronie, where a table does not say. */
const DEFAULT_PATH = '/usr/bin:/bin';

const NICKNAME = /^@(?:reboot|yearly|annually|monthly|weekly|daily|midnight|hourly|every_\w+)\s+/;
const FIVE_FIELDS = /^(?:-?[\d*,/~LW#?a-zA-Z-]+\s+){5}/;

/**
 * The commands of a crontab.
 *
 * @param hasUsers whether each line names a user, as those of the system do
 */
export function cronLines(text: string, hasUsers: boolean): readonly CronLine[] {
  let folders = DEFAULT_PATH.split(':');
  return text.split('\n').flatMap((raw, place): readonly CronLine[] => {
    const line = raw.trim();
    if (line === '' || line.startsWith('#')) return [];
    const [, name, value = ''] = /^["']?([A-Za-z_]\w*)["']?\s*=\s*(.*)$/.exec(line) ?? [];
    if (name !== undefined) {
      if (name === 'PATH') folders = value.replaceAll(/^["']|["']$/g, '').split(':');
      return [];
    }
    const times = (NICKNAME.exec(line) ?? FIVE_FIELDS.exec(line))?.[0];
    if (times === undefined) return [];
    const rest = line.slice(times.length);
    const command = hasUsers ? rest.replace(/^\S+\s+/, '') : rest;
    // What follows a per cent sign is standard input.
    return [{ line: place + 1, command: command.split(/(?<!\\)%/, 1)[0] ?? '', folders }];
  });
}
