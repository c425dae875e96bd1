/**
 * Starts a program from what V8 made of its code when the package was built: compiling it anew takes most of
 * the time that an empty Node takes to start.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { arch, version } from 'node:process';
import { Script } from 'node:vm';

/** What the bundle of the programs exports, as src/cli/programs.ts does. */
interface Bundle {
  readonly PROGRAMS: Readonly<Record<string, () => Promise<void>>>;
}

const CORE = join(__dirname, 'core.cjs');

/** Where the code of a program lies that V8 compiled; another release of Node has another V8, which would refuse it. */
export function codeCachePath(program: string): string {
  return join(__dirname, `${program}-${version}-${arch}.code-cache`);
}

/** Runs a program with the arguments of this process. */
export async function launch(program: string): Promise<void> {
  const cachedData = readCodeCache(program);
  const bundle = cachedData === undefined ? (require(CORE) as Bundle) : evaluate(cachedData).bundle;
  await bundle.PROGRAMS[program]?.();
}

function readCodeCache(program: string): Buffer | undefined {
  try {
    return readFileSync(codeCachePath(program));
  } catch {
    // Whatever became of it, the program runs without it. Then NODE_COMPILE_CACHE has its say, where Node knows it.
    return undefined;
  }
}

/**
 * Does what `require` does, with the code that is compiled already.
 *
 * @param cachedData what V8 made of it; when absent or not of this V8, the bundle is compiled
 * @returns the bundle, and the script, which can tell what V8 has compiled of it
 */
export function evaluate(cachedData?: Buffer): { readonly bundle: Bundle; readonly script: Script } {
  // The bundle is ASCII, which Node reads fastest so.
  const source = `(function (exports, require, module, __filename, __dirname) {${readFileSync(CORE, 'latin1')}\n})`;
  const script = new Script(source, { filename: CORE, cachedData });
  const Module = module.constructor as new (path: string, parent: NodeJS.Module) => NodeJS.Module;
  const core = new Module(CORE, module);
  core.filename = CORE;
  core.paths = module.paths;
  // The parts that are loaded later find it there.
  require.cache[CORE] = core;
  const run = script.runInThisContext() as (...scope: readonly unknown[]) => void;
  run(core.exports, core.require.bind(core), core, CORE, __dirname);
  core.loaded = true;
  return { bundle: core.exports as Bundle, script };
}
