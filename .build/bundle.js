// Bundles the programs into dist/. CommonJS, although the source is ESM: Node's ESM loader alone costs 15 % of the
// start of an empty Node, and a program that cron starts does little else.
import { rm } from 'node:fs/promises';
import { build } from 'rolldown';

const ADDON = 'better-sqlite3/build/Release/better_sqlite3.node';

// What these packages get in place of modules that take longer to load than a short run takes to work.
const LIGHTER = {
  // How better-sqlite3 looks for its addon, in fifteen places. The addon stays outside of the bundle, in its package.
  'better-sqlite3': { bindings: `module.exports = () => require(${JSON.stringify(ADDON)});` },
  // How fs-xattr looks for its addon, which stays outside as well. Its package hides the addon from require(), and may be
  // absent: it is looked for when the driver that needs it is loaded.
  'fs-xattr': {
    'node:module': `exports.createRequire = () => () =>
      require(require("node:path").join(require.resolve("fs-xattr"), "../build/Release/xattr.node"));`,
  },
  // commander starts processes for commands that are programs of their own, of which there are none here.
  commander: {
    'node:child_process': 'exports.spawn = (...args) => process.getBuiltinModule("node:child_process").spawn(...args);',
  },
};

const lighter = {
  name: 'lighter',
  resolveId(source, importer = '') {
    const [, name] = /\/node_modules\/([^/]+)\/(?!.*\/node_modules\/)/.exec(importer) ?? [];
    return LIGHTER[name]?.[source] === undefined ? undefined : `\0lighter:${name}:${source}`;
  },
  load(id) {
    const [, name, source] = /^\0lighter:([^:]+):(.+)$/.exec(id) ?? [];
    return LIGHTER[name]?.[source];
  },
};

// A text with any other character takes two bytes for each in V8, and longer to read: src/launch reads ASCII.
const ascii = {
  name: 'ascii',
  // After the minifier, which writes such characters as they are.
  generateBundle(_options, bundle) {
    for (const chunk of Object.values(bundle)) chunk.code = chunk.code.replace(/[^\0-\x7f]/g, escapeUnit);
  },
};

function escapeUnit(unit) {
  return `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`;
}

// What every run needs is in one file: each further one has to be found, read and set up.
const CORE = /src.(?:cli.programs|cache.index.sqlite.sqlite-(?:driver|index))\.ts$/;

// Who changes the cache takes one kind of locks or both.
const LOCKS = /src.cache.locks.(?:run|index)-lock\.ts$/;

// These stay in their packages: few runs need them, and of the code of mysql2 some is made while it runs.
const SERVERS = ['mysql2/promise', 'pg'];

const common = {
  platform: 'node',
  external: [ADDON, ...SERVERS],
  plugins: [lighter, ascii],
  transform: { target: 'node20.18' },
  // The driver of the index is a part that is loaded when it is needed, and lies in the first file all the same.
  checks: { ineffectiveDynamicImport: false },
  output: {
    dir: 'dist',
    format: 'cjs',
    entryFileNames: '[name].cjs',
    chunkFileNames: '[name].cjs',
    codeSplitting: {
      groups: [
        { name: 'core', test: CORE, priority: 1 },
        { name: 'locks', test: LOCKS },
      ],
    },
    // What V8 compiled ahead has no loader for import() at hand.
    dynamicImportInCjs: false,
    minifyInternalExports: false,
    // The names of functions stay: they are what a stack trace shows.
    minify: { compress: true, mangle: { keepNames: true }, codegen: { removeWhitespace: true } },
  },
};

await rm('dist', { recursive: true, force: true });
// Each on its own, so that none of them loads what only the others need.
for (const input of ['src/launch/launch.ts', 'src/cli/programs.ts', 'src/execute/transfer/hash-thread-entry.ts']) {
  await build({ ...common, input });
}
