// Biome formats and lints. Here are the rules that need types, and the borders between folders: Biome would want them
// written out once per folder and package, here they follow from two tables.
import tseslint from 'typescript-eslint';

// Which folders of src a folder may import, beside itself. CONTRIBUTING.md says what each is for.
const BORDERS = {
  errors: [],
  time: [],
  text: [],
  launch: [],
  sqlite: ['errors', 'time'],
  database: ['errors', 'time', 'text', 'sqlite'],
  cache: ['errors', 'time', 'sqlite', 'database'],
  http: ['errors', 'time', 'text'],
  credentials: ['errors', 'text', 'settings', 'http'],
  openid: ['errors', 'time', 'text', 'http'],
  keystone: ['errors', 'time', 'text', 'http', 'credentials', 'openid'],
  glance: ['errors', 'time', 'cache', 'http', 'keystone'],
  'cache-api': ['errors', 'time', 'text', 'cache', 'http', 'keystone'],
  plan: ['errors', 'cache', 'glance'],
  execute: ['errors', 'time', 'sqlite', 'cache', 'http', 'glance', 'plan'],
  settings: ['errors', 'time', 'text'],
  'use-cases': ['errors', 'time', 'text', 'cache', 'cache-api', 'glance', 'plan', 'execute', 'settings'],
  present: ['errors', 'time', 'text', 'cache', 'plan', 'use-cases'],
  log: ['errors', 'time', 'text'],
};

// Packages that come from the registry, and the files that may import them.
const IMPORTERS = {
  'better-sqlite3': ['src/sqlite/connection.ts'],
  chalk: ['src/present/paint.ts'],
  'cli-progress': ['src/cli/progress/bars.ts'],
  'cli-table3': ['src/present/table.ts'],
  commander: ['src/cli/parse-arguments.ts', 'src/cli/help-text.ts'],
  'csv-stringify/sync': ['src/present/csv-text.ts'],
  'fs-xattr': ['src/cache/index/xattr/user-attributes.ts'],
  ini: ['src/settings/conf-file.ts'],
  'mysql2/promise': ['src/database/mysql.ts'],
  'openid-client': ['src/openid/openid-client-provider.ts'],
  pg: ['src/database/postgresql.ts'],
  strftime: ['src/log/timestamp.ts'],
  undici: ['src/http/undici-files.d.ts', 'src/http/undici-parts.ts', 'src/http/undici-transport.ts'],
  yaml: ['src/present/yaml-text.ts', 'src/credentials/read-yaml.ts'],
};

const ONE_WAY = 'Imports point one way: CONTRIBUTING.md has the table of folders.';

const FOLDERS = [...Object.keys(BORDERS), 'cli'];

function bordersOf(folder, files, allowedPackages) {
  const allowed = [folder, ...(BORDERS[folder] ?? FOLDERS)];
  const closed = FOLDERS.filter((other) => !allowed.includes(other));
  const packages = Object.entries(IMPORTERS).filter(([name]) => !allowedPackages.includes(name));
  const paths = packages.map(([name, importers]) => ({ name, message: onlyBy(importers) }));
  const patterns = closed.map((other) => ({ group: [`**/${other}/**`], message: ONE_WAY }));
  // What is loaded where it is needed crosses the same borders; the rule for imports does not look at it.
  const lazily = [
    ...packages.map(([name, importers]) => ({
      selector: `ImportExpression[source.value="${name}"]`,
      message: onlyBy(importers),
    })),
    ...closed.map((other) => ({ selector: `ImportExpression[source.value=/\\/${other}\\//]`, message: ONE_WAY })),
  ];
  return {
    files,
    rules: {
      'no-restricted-imports': ['error', { paths, patterns }],
      'no-restricted-syntax': ['error', ...lazily],
    },
  };
}

function onlyBy(importers) {
  return `Imported by ${importers.join(' and ')} only.`;
}

const borders = [
  ...FOLDERS.map((folder) => bordersOf(folder, [`src/${folder}/**/*.ts`], [])),
  ...Object.values(IMPORTERS)
    .flat()
    .map((file) => {
      const packages = Object.keys(IMPORTERS).filter((name) => IMPORTERS[name].includes(file));
      return bordersOf(file.split('/')[1], [file], packages);
    }),
];

export default tseslint.config(
  {
    files: ['src/**/*.ts', 'test/**/*.ts'],
    languageOptions: { parser: tseslint.parser, parserOptions: { projectService: true } },
    plugins: { '@typescript-eslint': tseslint.plugin },
    rules: {
      '@typescript-eslint/await-thenable': 'error',
      '@typescript-eslint/no-base-to-string': 'error',
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/no-misused-promises': 'error',
      '@typescript-eslint/no-unnecessary-condition': 'error',
      '@typescript-eslint/no-unnecessary-type-assertion': 'error',
      '@typescript-eslint/no-unsafe-argument': 'error',
      '@typescript-eslint/no-unsafe-assignment': 'error',
      '@typescript-eslint/no-unsafe-call': 'error',
      '@typescript-eslint/no-unsafe-member-access': 'error',
      '@typescript-eslint/no-unsafe-return': 'error',
      // An unknown that was caught is thrown on as it is.
      '@typescript-eslint/only-throw-error': ['error', { allowThrowingUnknown: true }],
      '@typescript-eslint/prefer-nullish-coalescing': 'error',
      '@typescript-eslint/prefer-readonly': 'error',
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      '@typescript-eslint/return-await': ['error', 'in-try-catch'],
      '@typescript-eslint/switch-exhaustiveness-check': 'error',
      'max-params': 'off',
      'max-lines': ['error', { max: 250, skipBlankLines: true, skipComments: true }],
    },
  },
  ...borders,
  // A test file holds the cases of one thing, and what they share.
  {
    files: ['test/**/*.ts'],
    rules: { 'max-lines': ['error', { max: 300, skipBlankLines: true, skipComments: true }] },
  },
);
