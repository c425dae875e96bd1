// Makes a fresh clone ready: installs the locked dependencies unless they are there already. Runs before anything is
// installed, so it uses nothing but Node.
import { spawnSync } from 'node:child_process';
import { existsSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';

const root = join(import.meta.dirname, '..', '..');
const installed = join(root, 'node_modules', '.package-lock.json');

/** Whether the native module was built for this Node. */
function loadsNativeModule() {
  try {
    const Database = createRequire(import.meta.url)('better-sqlite3');
    new Database(':memory:').close();
    return true;
  } catch {
    return false;
  }
}

const isCurrent =
  existsSync(installed) &&
  statSync(installed).mtimeMs >= statSync(join(root, 'package-lock.json')).mtimeMs &&
  loadsNativeModule();

if (!isCurrent) {
  console.error('Installing dependencies; better-sqlite3 is compiled, which takes about a minute...');
  const { status } = spawnSync('npm', ['ci', '--no-audit', '--no-fund'], { cwd: root, stdio: ['ignore', 2, 2] });
  process.exitCode = status ?? 1;
}
