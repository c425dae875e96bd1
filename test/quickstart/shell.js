// A shell in which the programs are installed and a configuration of our own counts, whatever this machine has. Command
// lines are shown as they are typed, and run as they are shown.
import { spawnSync } from 'node:child_process';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const PROGRAMS = ['glance-cache-manage', 'glance-cache-pruner', 'glance-cache-cleaner', 'glance-cache-prefetcher'];

const isColored = process.stdout.isTTY === true && !process.env['NO_COLOR'];
const paint = (code, text) => (isColored ? `\u001b[${code}m${text}\u001b[0m` : text);

/** The steps that did not go as they should. */
export const faults = [];

/** Prints a heading. */
export function tell(text) {
  console.log(`\n${paint('1;36', `# ${text}`)}`);
}

/** Notes a fault unless a condition holds. */
export function check(holds, fault) {
  if (holds) return;
  faults.push(fault);
  console.log(paint('31', `NOT AS EXPECTED: ${fault}`));
}

/**
 * A shell.
 *
 * @param {string} home its home directory, where the programs and their configuration are put
 * @param {string} conf what glance-cache.conf says
 */
export function openShell(home, conf) {
  const bin = join(home, 'bin');
  mkdirSync(bin);
  symlinkSync(process.execPath, join(bin, 'node'));
  for (const name of PROGRAMS) symlinkSync(join(import.meta.dirname, '../../bin', `${name}.cjs`), join(bin, name));
  const etc = join(home, '.glance');
  // What is found here is not looked for in /etc/glance: this may be a node with a cache of its own.
  for (const name of ['glance', ...PROGRAMS]) mkdirSync(join(etc, `${name}.conf.d`), { recursive: true });
  for (const name of ['glance', 'glance-api']) writeFileSync(join(etc, `${name}.conf`), '');
  writeFileSync(join(etc, 'glance-cache.conf'), conf);
  // Nothing else of the environment: OS_* variables would be settings.
  const env = { HOME: home, PATH: `${bin}:${process.env['PATH']}`, LC_ALL: 'C.UTF-8' };
  const call = (line) =>
    spawnSync('/bin/sh', ['-c', line], { env, cwd: home, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
  return {
    /** Shows a command line, runs it, shows its output, and checks its exit code. */
    run(line, exitCode = 0) {
      console.log(`\n${paint('1', `$ ${line}`)}`);
      const { status, stdout, stderr } = call(line);
      process.stdout.write(stdout + paint('33', stderr));
      if (stdout + stderr === '') console.log(paint('2', '(no output)'));
      if (status !== 0) console.log(paint('2', `(exit code ${status})`));
      check(status === exitCode, `"${line}" ended with ${status} instead of ${exitCode}`);
    },
    /** What a command line prints, read as JSON. */
    ask: (line) => JSON.parse(call(line).stdout),
  };
}
