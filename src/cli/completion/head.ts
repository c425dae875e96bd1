import { VERSION_NUMBER } from '../version.ts';

/**
 * The comments at the head of a script: what it is, and how it is installed.
 *
 * @param install lines without their marks
 */
export function headOf(shell: string, programs: readonly string[], install: readonly string[]): string {
  const lines = [
    `Completion for ${shell} of ${programs.join(', ')}.`,
    `Made by "glance-cache-manage completion ${shell}" of glance-cache-tools ${VERSION_NUMBER}; make it anew after an update.`,
    '',
    ...install,
  ];
  return lines.map((line) => `# ${line}`.trimEnd().concat('\n')).join('');
}
