// Puts a link in place of a folder and takes it away again, without an end: an attacker who tries his luck.
import { renameSync, symlinkSync, unlinkSync } from 'node:fs';

const [folder = '', target = ''] = process.argv.slice(2);
const aside = `${folder}.aside`;

let isToStop = false;
process.stdin.on('end', () => {
  isToStop = true;
});
process.stdin.resume();
process.stdout.write('swapping\n');

function swap() {
  // What fails because somebody else was quicker is tried again in the next round.
  for (let round = 0; round < 200; round++) {
    attempt(() => renameSync(folder, aside));
    attempt(() => symlinkSync(target, folder));
    attempt(() => unlinkSync(folder));
    attempt(() => renameSync(aside, folder));
  }
  if (!isToStop) setImmediate(swap);
}

function attempt(call) {
  try {
    call();
  } catch {
    // See above.
  }
}

swap();
