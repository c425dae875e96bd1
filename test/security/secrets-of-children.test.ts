// What the programs start gets no secret: not as an argument, not in its environment, not as input.
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { idOf } from '../support/cache-fixture.ts';
import { answerAll, isLogin } from '../support/cloud/scripted.ts';
import { send } from '../support/http-answers.ts';
import { PASSWORD, usePrefetch } from '../support/prefetch-fixture.ts';

const prefetch = usePrefetch();

/** A program that writes down all that it was started with and told. */
const SPY = `#!${process.execPath}
const { appendFileSync, readFileSync } = require('node:fs');
const { argv, env } = process;
appendFileSync(__filename + '.seen', JSON.stringify({ argv: argv.slice(2), env, input: readFileSync(0, 'utf8') }));
`;

test.each([
  ['syslog', '--use-syslog', 'logger'],
  ['the journal', '--use-journal', 'systemd-cat'],
])('the program that records go to %s by is told no secret', async (_where, flag, command) => {
  const it = await prefetch({ images: [{ id: idOf('1'), sizeBytes: 10 }] });
  it.queue(idOf('1'));
  it.hide('another secret');
  const folder = join(it.cache.base, 'bin');
  mkdirSync(folder);
  writeFileSync(join(folder, `${command}.cjs`), SPY);
  writeFileSync(join(folder, command), `#!/bin/sh\nexec ${process.execPath} ${folder}/${command}.cjs "$@"\n`);
  for (const name of [command, `${command}.cjs`]) chmodSync(join(folder, name), 0o755);
  answerAll(it.cloud, isLogin, send(401, `No: ${PASSWORD}`));
  const env = { PATH: folder, OS_TOKEN: 'another secret', HTTP_PROXY: '' };
  const { code } = await it.run([flag, '--debug', '--os-password', PASSWORD], { env });
  expect(code).toBe(7);
  const seen = readFileSync(join(folder, `${command}.cjs.seen`), 'utf8');
  expect(seen).toContain('Cannot log in');
  it.checkText(seen);
  expect(
    Object.keys((JSON.parse(seen) as { readonly env: object }).env).filter((name) => name.startsWith('OS_')),
  ).toEqual([]);
});
