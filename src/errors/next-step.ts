/**
 * Parts of hints: command lines that somebody can paste as they are.
 */

/** Stands in a hint for the command line that failed: only who shows the error knows it. */
export const THIS_COMMAND = '<this command>';

/**
 * A text with the command line in it that failed.
 *
 * @param commandLine as somebody can paste it
 */
export function withThisCommand(text: string, commandLine: string): string {
  return text.replaceAll(THIS_COMMAND, () => commandLine);
}

/** A text as one word for a shell. One with an equals sign may be an assignment, unless it is a flag. */
export function shellWord(text: string): string {
  return /^(?:-[\w/.,:=+@%-]*|[\w/.,:+@%-]+)$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}

/** The command that opens a text file, at a line where one is known. What is below `/etc` is mostly root's. */
export function editCommand(file: string, line?: number): string {
  const at = line === undefined ? '' : `+${line} `;
  return `${file.startsWith('/etc/') ? 'sudo ' : ''}vi ${at}${shellWord(file)}`;
}

/** The command that takes what stands in the way out of it, and keeps it. */
export function moveAwayCommand(path: string): string {
  return `sudo mv ${shellWord(path)} /var/tmp/`;
}

/** What the kernel says of a disk that fails. */
export const KERNEL_LOG = 'sudo dmesg | tail -n 20';

/** What glance-api says of a request. */
export const GLANCE_LOG = 'sudo tail -n 50 /var/log/glance/glance-api.log';

/** Which roles the account has that is logged in with. */
export const OWN_ROLES = 'openstack role assignment list --names --auth-user';

/** Whether the credentials of the shell are good for a login. */
export const TRY_LOGIN = 'openstack token issue';
