// npm run quickstart: the real programs at work on a sample cache in a temporary folder, step by step, beside a small
// Keystone and Glance on loopback. Needs neither root nor a network. Fails if anything is not as it should be.
//
//   node test/quickstart/quickstart.js [--keep]     --keep leaves the folder for you to try things in
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { contentOf } from '../support/cloud/contents.js';
import { spawnCloud } from '../support/cloud/spawn-cloud.js';
import { IMAGES, makeSampleCache, WANTED } from './sample-cache.js';
import { check, faults, openShell, tell } from './shell.js';

const home = realpathSync(mkdtempSync(join(tmpdir(), 'glance-cache-')));
const cache = join(home, 'cache');
const keep = process.argv.includes('--keep');
process.on('exit', () => {
  if (!keep) rmSync(home, { recursive: true, force: true });
});
process.on('SIGINT', () => process.exit(130));

makeSampleCache(cache);
const store = join(home, 'store');
mkdirSync(store);
const wantedBytes = (imageId) => contentOf(imageId, WANTED[imageId]);
writeFileSync(join(store, IMAGES.wantedFromStore), wantedBytes(IMAGES.wantedFromStore));
const cloud = await spawnCloud({
  images: [
    { id: IMAGES.wanted, name: 'debian-13', sizeBytes: WANTED[IMAGES.wanted], visibility: 'private' },
    { id: IMAGES.wantedFromStore, name: 'fedora-43', sizeBytes: WANTED[IMAGES.wantedFromStore], tags: ['golden'] },
  ],
});

const { run, ask } = openShell(
  home,
  `[DEFAULT]
image_cache_dir = ${cache}
# 125 MiB
image_cache_max_size = 131072000
image_cache_stall_time = 86400
log_file = ${join(home, 'cache.log')}

[keystone_authtoken]
auth_url = ${cloud.keystoneUrl}
username = glance
password = open sesame
project_name = service
user_domain_name = Default
project_domain_name = Default

[glance_store]
filesystem_store_datadir = ${store}

[cache_tools]
low_watermark = 80%
`,
);

tell('The configuration is the one that glance-api and the stock tools read, and may have a section of its own.');
run('cat ~/.glance/glance-cache.conf');
run('glance-cache-manage config --format value -c name -c value -c origin | grep glance-cache.conf');

tell('What the cache holds.');
run('glance-cache-manage list-cached');
run('glance-cache-manage list-cached --sort-column size:desc --format csv -c image_id -c size');

tell('Queue images for the prefetcher: by ID, by name, by tag. What is cached already is not queued.');
run(`glance-cache-manage --force queue-image ${IMAGES.busy} debian-13`);
run('glance-cache-manage --force queue-image --tag golden');
run('glance-cache-manage list-queued');

tell('What would the prefetcher do? It logs in to Keystone and asks Glance, and changes nothing.');
run('glance-cache-prefetcher --dry-run');
check(!existsSync(join(cache, IMAGES.wanted)), 'a dry run fetched something');

tell('Do it: one image comes over HTTP, one from the file store, both verified with SHA-512 before anybody sees them.');
run('glance-cache-prefetcher --verbose');
run('glance-cache-manage list-cached');

tell('The cache is above its 125 MiB: what would the pruner do? It mends the index too: one row has lost its file.');
run('glance-cache-pruner --dry-run');
check(existsSync(join(cache, IMAGES.forgotten)), 'a dry run changed something');

tell('Do it. An image that has just arrived has no row yet: it is left alone.');
run('glance-cache-pruner --verbose');
run('glance-cache-manage list-cached');

tell('What failed or stalled while it was being cached. The stock tools do not show it.');
run('glance-cache-manage list-invalid');
run('glance-cache-manage list-incomplete');

tell('The cleaner removes what failed, and what nobody has written to for image_cache_stall_time.');
run('glance-cache-cleaner --dry-run');

tell('Do it as cron does: all three are silent when all is well...');
run(
  'glance-cache-prefetcher --skip-if-busy && glance-cache-pruner --skip-if-busy && glance-cache-cleaner --skip-if-busy',
);

tell('...and the log tells what was done.');
run('cut -d " " -f 4- cache.log');

tell(
  'Is the cache sound? The index against the directory, and the bytes of what was fetched against what Glance says.',
);
const fetched = Object.keys(WANTED).join(' ');
run('glance-cache-manage verify --verbose');
run(`glance-cache-manage verify --read-data --verbose ${fetched}`);

tell('A byte goes wrong on the disk: verify finds the image, --repair takes it out, and it is fetched again.');
const damaged = readFileSync(join(cache, IMAGES.wanted));
damaged[1000] ^= 1;
writeFileSync(join(cache, IMAGES.wanted), damaged);
run(`glance-cache-manage verify --read-data ${fetched}`, 9);
run(`glance-cache-manage verify --read-data --repair ${fetched}`);
run('glance-cache-manage --force queue-image --now debian-13 && glance-cache-cleaner --verbose');

tell('Mistakes are told with what to do about them, and each kind has its exit code.');
run('glance-cache-manage list-cashed', 2);
run(`glance-cache-prefetcher --os-password wrong --image ${IMAGES.forgotten}`, 7);
run('glance-cache-manage --force queue-image --now no-such-image', 6);
run("OS_DEFAULT__IMAGE_CACHE_MAX_SIZE='10737418240  # 10 GB' glance-cache-pruner", 3);
run('glance-cache-manage --config-file /nowhere/glance-cache.conf --format json list-cached', 3);

const idsOf = (command) => ask(`glance-cache-manage --format json ${command}`).map(({ image_id }) => image_id);
const expect = (what, found, expected) =>
  check(`${found.sort()}` === `${expected.sort()}`, `${what}: ${found.join(', ') || 'nothing'}`);
const isImage = (name) => /^[0-9a-f-]{36}$/.test(name);

tell('Looking at the result.');
const kept = [IMAGES.busy, IMAGES.steady, IMAGES.wanted, IMAGES.wantedFromStore];
expect('rows in the index', idsOf('list-cached'), [...kept]);
expect('files in the cache', readdirSync(cache).filter(isImage), [...kept, IMAGES.justArrived]);
expect('the queue', idsOf('list-queued'), []);
expect('invalid/', idsOf('list-invalid'), []);
expect('incomplete/', idsOf('list-incomplete'), [IMAGES.underWay]);
for (const imageId of Object.keys(WANTED)) {
  check(readFileSync(join(cache, imageId)).equals(wantedBytes(imageId)), `${imageId} is not what Glance has`);
}
await cloud.close();

if (keep) {
  const manage = join(import.meta.dirname, '../../bin/glance-cache-manage.cjs');
  console.log(`The folder is kept. Try it: HOME=${home} ${manage} list-cached`);
}
console.log(faults.length === 0 ? 'All is as it should be.' : `${faults.length} step(s) went wrong.`);
process.exitCode = faults.length === 0 ? 0 : 1;
