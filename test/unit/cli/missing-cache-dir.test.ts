import { describe, expect, test } from 'vitest';
import { missingCacheDir } from '../../../src/cli/missing-cache-dir.ts';
import { renderErrorText } from '../../../src/present/error-text.ts';

const INVOCATION = { cwd: '/', homeDir: '/home/op', env: {} };

/** What is told of a program that was called without arguments, line by line. */
async function toldOf(files: readonly string[]): Promise<readonly string[]> {
  const commandLine = 'glance-cache-pruner --dry-run';
  const view = { redact: (text: string) => text, color: false, debug: false, commandLine };
  return (await renderErrorText(missingCacheDir({ files }, INVOCATION), view)).split('\n');
}

describe('missingCacheDir()', () => {
  test('says in four lines what was looked for, where, and what to do, when there is no file', async () => {
    expect(await toldOf([])).toEqual([
      'ERROR: Cannot find the cache: image_cache_dir is not set (no configuration file was found)',
      'hint: Looked for glance.conf, glance-api.conf and glance-cache.conf in /home/op/.glance, /home/op, /etc/glance, /etc',
      'hint: If glance-api of this node has its files elsewhere, name them: glance-cache-pruner --dry-run --config-file /PATH/TO/glance-api.conf',
      "hint: If not, say where the cache is: sudo mkdir -p /etc/glance && printf '[DEFAULT]\\nimage_cache_dir = /var/lib/glance/image-cache\\n' | sudo tee /etc/glance/glance-cache.conf",
      '',
    ]);
  });

  test('says in four lines where to write it, when the files that were found have it not', async () => {
    expect(await toldOf(['/etc/glance/glance-api.conf', '/srv/my cache.conf'])).toEqual([
      'ERROR: Cannot find the cache: image_cache_dir is not set (not in /etc/glance/glance-api.conf, /srv/my cache.conf)',
      "hint: Set it below [DEFAULT] as glance-api has it, such as image_cache_dir = /var/lib/glance/image-cache: vi '/srv/my cache.conf'",
      'hint: If glance-api of this node reads another file, name that: glance-cache-pruner --dry-run --config-file /PATH/TO/glance-api.conf',
      'hint: To see what is set, and where: glance-cache-manage config',
      '',
    ]);
  });

  test('is one error of a configuration that is missing', () => {
    expect(missingCacheDir({ files: ['/dev/null'] }, INVOCATION)).toMatchObject({
      code: 'CONFIG_MISSING',
      exitCode: 3,
      hint: expect.stringContaining(': sudo vi /etc/glance/glance-cache.conf\n') as string,
      details: { files: ['/dev/null'] },
    });
  });
});
