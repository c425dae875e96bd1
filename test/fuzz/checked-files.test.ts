// Whatever is in the files that check reads: it says what is wrong with them, and neither fails, nor hangs, nor prints what
// a terminal obeys.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parsePasteFile } from '../../src/plan/check/paste-file.ts';
import { filterNamed, flavorsIn, lookAtPipeline } from '../../src/plan/check/paste-pipeline.ts';
import { idOf, useCache } from '../support/cache-fixture.ts';
import { callInProcess } from '../support/call-in-process.ts';
import { bitFlips, cutOff, damaged, pieceSomewhere } from '../support/damage.ts';
import { entriesOf } from '../support/directory-state.ts';
import { expectHarmless, jsonOf } from '../support/harmless.ts';
import { ESCAPES } from '../support/hostile-text.ts';
import { PASTE_FILES } from '../support/paste-files.ts';
import { patienceMs, rounds, seedOfRun } from '../support/rounds.ts';

const cache = useCache();

const PIECES = [
  '\0',
  '\r',
  '\n',
  '\n ',
  '\ufeff',
  '\u2028',
  '[',
  ']',
  '[DEFAULT]\n',
  '[__proto__]\n__proto__ = __proto__\n',
  '%',
  '%%',
  '%(here)s',
  '%(pipeline)s',
  '\npipeline = %(pipeline)s%(pipeline)s\n',
  '\nuse = rootapp\n',
  '\nuse = egg:Paste#urlmap\n',
  '\nuse = config:x.ini\n',
  '\nfilter-with = cache\n',
  '\n/ : rootapp\n/v2 : api\n',
  '\n[filter-app:rootapp]\nnext = rootapp\n',
  '\n[composite:rootapp]\nuse = rootapp\n',
  '\n[pipeline:rootapp]\npipeline = cache cache rootapp\n',
  'cachemanage',
  '  # note',
  ' ;',
  '=',
  ':',
  'x'.repeat(10_000),
  ' '.repeat(10_000),
  ...ESCAPES,
];

const damages = fc.array(
  fc.oneof(
    pieceSomewhere(fc.constantFrom(...PIECES), 40),
    pieceSomewhere(fc.uint8Array({ maxLength: 20 }), 5),
    bitFlips,
    cutOff,
  ),
  { minLength: 1, maxLength: 5 },
);

const pasteText = fc.constantFrom(...Object.values(PASTE_FILES));

/** Lines of any order, with names that lead to each other. */
const name = fc.constantFrom('glance-api', 'a', 'b', 'main', 'glance-api-x', '__proto__');
const anyLines = fc
  .array(
    fc.oneof(
      fc
        .tuple(fc.constantFrom('app', 'pipeline', 'composite', 'composit', 'filter', 'filter-app', 'x'), name)
        .map(([kind, it]) => `[${kind}:${it}]`),
      fc
        .tuple(
          fc.constantFrom('use', 'next', 'pipeline', 'filter-with', '/', '/v2', 'default', 'x'),
          fc.array(name, { maxLength: 3 }),
        )
        .map(([key, names]) => `${key} = ${names.join(' ')}`),
      fc.constantFrom(
        'use = egg:Paste#urlmap',
        'paste.composite_factory = glance.api:pipeline_factory',
        'paste.filter_factory = glance.api.middleware.cache:CacheFilter.factory',
        ' a b',
        '',
      ),
    ),
    { maxLength: 40 },
  )
  .map((lines) => lines.join('\n'));

test(
  'lookAtPipeline() comes to an end with every paste file, and names lines that it has',
  () => {
    const texts = fc.oneof(
      fc.tuple(pasteText, damages).map(([text, done]) => damaged(text, done).toString()),
      anyLines,
      fc.string({ unit: 'binary' }),
    );
    fc.assert(
      fc.property(texts, (text) => {
        const file = parsePasteFile(text);
        const lines = text.split(/\r\n|\n|\r/).length;
        const places = file.faults.map(({ line }) => line);
        filterNamed(file, 'cache');
        for (const flavor of ['', 'x', ...flavorsIn(file)]) {
          const look = lookAtPipeline(file, flavor);
          if (look.kind === 'broken') places.push(look.line);
          if (look.kind === 'pipeline' && look.list !== undefined) places.push(look.list.line);
        }
        for (const line of places) expect(line >= 1 && line <= lines).toBe(true);
      }),
      { seed: seedOfRun(), numRuns: rounds(200, 100_000) },
    );
  },
  patienceMs(30_000),
);

test(
  'check says what is wrong whatever happens to the files of a node, and changes nothing',
  async () => {
    const it = cache();
    it.addImage(idOf('1'));
    const api = `[DEFAULT]\nimage_cache_dir = ${it.root}\nenabled_backends = a:file,b:rbd\nshow_image_direct_url = true\nworker_self_reference_url = http://node1:9292\nimage_cache_driver = sqlite\n[a]\nfilesystem_store_datadir = /a\n[paste_deploy]\nflavor = keystone+caching\n[database]\nconnection = mysql+pymysql://glance:s3cr$$et@db/glance\n`;
    const own = `[DEFAULT]\nimage_cache_dir = ${it.root}\nimage_cache_max_size = 1000\nregistry_host = a\nlogfile = a.log\n[cache_tools]\nlow_watermark = 80%\nmax_age = 5\n`;
    const contents = fc.tuple(damages, damages, damages, pasteText);
    const flags = fc.constantFrom<readonly string[]>(
      [],
      ['--format', 'json'],
      ['--strict'],
      ['-c', 'message', '-c', 'text'],
    );
    const round = fc.asyncProperty(contents, flags, async ([ofApi, ofOwn, ofPaste, paste], args) => {
      writeFileSync(join(it.base, 'glance-api.conf'), damaged(api, ofApi));
      writeFileSync(it.conf, damaged(own, ofOwn));
      writeFileSync(join(it.base, 'glance-api-paste.ini'), damaged(paste, ofPaste));
      const before = entriesOf(it.base);
      const all = ['--config-file', it.conf, 'check', '--offline', ...args];
      const run = await callInProcess('manage', all, { home: it.home, cwd: it.base });
      expectHarmless(run, args, [0, 3]);
      if (args.includes('json')) expect(jsonOf(run)).toHaveProperty('items');
      expect(entriesOf(it.base)).toEqual(before);
    });
    await fc.assert(round, { seed: seedOfRun(), numRuns: rounds(25, 10_000) });
  },
  patienceMs(60_000),
);
