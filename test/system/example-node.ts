/**
 * A node as the examples of man/examples expect it: programs in /usr/local/bin, a user glance, a cache and a
 * configuration in Glance's places, and systemd as process 1. All of it in namespaces of its own, which end with it.
 */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, chownSync, existsSync, mkdirSync, readdirSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterEach } from 'vitest';
import type { CacheFixture } from '../support/cache-fixture.ts';
import { AS_ROOT, ROOT, type RunResult } from '../support/run-program.ts';

/** The user and the group of glance-api on the node; not those of any package. */
export const GLANCE = { uid: 42_415, gid: 42_415 } as const;

const EXAMPLES = join(ROOT, 'man', 'examples');
const CGROUPS = ['/sys/fs/cgroup/unified', '/sys/fs/cgroup'];

// /etc is the machine's, with changes that nobody else sees; the programs lie where PrivateTmp= does not hide them, and all
// else is read-only.
const SCRIPT = `
set -e
mount --make-rprivate /
mount -t cgroup2 none /sys/fs/cgroup
mount -t tmpfs tmpfs /run
mkdir /run/etc /run/etc-work
mount -t overlay -o lowerdir=/etc,upperdir=/run/etc,workdir=/run/etc-work overlay /etc
grep -v '^glance:' /etc/passwd > /run/passwd && echo 'glance:x:${GLANCE.uid}:${GLANCE.gid}::/var/lib/glance:/usr/sbin/nologin' >> /run/passwd
grep -v '^glance:' /etc/group > /run/group && echo 'glance:x:${GLANCE.gid}:' >> /run/group
cp /run/passwd /etc/passwd && cp /run/group /etc/group
rm -rf /etc/systemd/system /etc/glance && mkdir -p /etc/systemd/system /etc/glance /etc/cron.d /etc/logrotate.d
cp "$EXAMPLES"/*.service "$EXAMPLES"/*.timer /etc/systemd/system/
rm -rf /etc/cron.d/* /etc/logrotate.d/*
for kind in cron logrotate; do cp "$EXAMPLES/glance-cache-tools.$kind" /etc/$kind.d/glance-cache-tools; done
printf '[Unit]\\nDescription=The node of a test\\n' > /etc/systemd/system/test.target
mount --bind "$BASE/etc" /etc/glance
mkdir /run/sbin /run/sbin-work
mount -t overlay -o lowerdir=/usr/sbin,upperdir=/run/sbin,workdir=/run/sbin-work overlay /usr/sbin
printf '#!/bin/sh\\ncat >> /run/mail\\n' > /run/sendmail && chmod 755 /run/sendmail && mv /run/sendmail /usr/sbin/sendmail
mkdir /run/programs && mount --bind "$ROOT" /run/programs
mkdir /run/node && touch /run/node/node && mount --bind "$NODE" /run/node/node
mount -t tmpfs -o mode=755 tmpfs /usr/local
mkdir -p /usr/local/bin /usr/local/lib/glance-cache-tools && touch /usr/local/bin/node
mount --move /run/programs /usr/local/lib/glance-cache-tools
mount --move /run/node/node /usr/local/bin/node
for program in manage pruner cleaner prefetcher; do
  ln -s "../lib/glance-cache-tools/bin/glance-cache-$program.cjs" "/usr/local/bin/glance-cache-$program"
done
mount -t tmpfs -o mode=755 tmpfs /var/log && mkdir /var/log/glance && mount --bind "$BASE/log" /var/log/glance
mount -t tmpfs -o mode=755 tmpfs /var/lib && mkdir -p /var/lib/glance/image-cache /var/lib/systemd /var/lib/logrotate
chown -R glance:glance /var/lib/glance
mount --bind "$BASE/cache" /var/lib/glance/image-cache
# A systemd that starts empties /tmp and sets up devices: nothing of the machine's must be in its reach.
for folder in /tmp /var/tmp /dev/shm; do mount -t tmpfs tmpfs $folder; done
mount -o remount,bind,ro /
mount -o remount,bind,ro /sys
for unit in /lib/systemd/system/sysinit.target.wants/* /lib/systemd/system/sockets.target.wants/*; do
  case "$unit" in *journald*) ;; *) ln -sf /dev/null "/etc/systemd/system/\${unit##*/}" ;; esac
done
exec env -i PATH=/usr/sbin:/usr/bin container=test /lib/systemd/systemd --system --unit=test.target --log-target=null --show-status=0
`;

/** Whether such a node can be made: root in a container often may not. */
export function canMakeNode(): boolean {
  const probe = ['--mount', '--pid', '--fork', '--cgroup', 'mount', '-t', 'cgroup2', 'none', '/sys/fs/cgroup'];
  return AS_ROOT && spawnSync('unshare', probe, { stdio: 'ignore' }).status === 0;
}

/** What a command says that has nothing to say. */
export const FINE: RunResult = { code: 0, stdout: '', stderr: '' };

/** Starts nodes on the caches of tests, with a configuration where Glance's packages have it; each ends with its test. */
export function useNode(): (cache: CacheFixture, ...lines: readonly string[]) => Promise<ExampleNode> {
  const nodes: ExampleNode[] = [];
  afterEach(async () => {
    for (const node of nodes.splice(0)) await node.stop();
  });
  return async ({ base }, ...lines) => {
    const conf = ['[DEFAULT]', 'image_cache_dir = /var/lib/glance/image-cache', 'log_dir = /var/log/glance', ...lines];
    const node = await ExampleNode.start(base, `${conf.join('\n')}\n`);
    nodes.push(node);
    return node;
  };
}

/** A node that runs. */
export class ExampleNode {
  readonly #systemd: ChildProcess;
  readonly #cgroup: string;

  private constructor(systemd: ChildProcess, cgroup: string) {
    this.#systemd = systemd;
    this.#cgroup = cgroup;
  }

  /**
   * Starts a node.
   *
   * @param base a folder of the test; holds `cache`, which becomes the cache, and gets `etc` and `log`
   * @param conf what glance-cache.conf says
   */
  static async start(base: string, conf: string): Promise<ExampleNode> {
    for (const folder of ['etc', 'log']) mkdirSync(join(base, folder));
    writeFileSync(join(base, 'etc', 'glance-cache.conf'), conf);
    chmodSync(join(base, 'etc'), 0o755);
    chownSync(join(base, 'log'), GLANCE.uid, GLANCE.gid);
    giveToGlance(join(base, 'cache'));
    const cgroup = makeCgroup();
    // What systemd makes of the group must not reach the machine's other processes, and none of it outlives the tests.
    const script = `echo $$ > '${cgroup}/cgroup.procs' && exec setpriv --pdeathsig KILL unshare --mount --pid --fork --kill-child --mount-proc --cgroup --uts --ipc sh -c "$SCRIPT"`;
    const systemd = spawn('sh', ['-c', script], {
      stdio: 'ignore',
      env: { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', SCRIPT, BASE: base, ROOT, EXAMPLES, NODE: process.execPath },
    });
    const node = new ExampleNode(systemd, cgroup);
    // The bus of systemd is there a moment after systemd is.
    const ready = await node.run('until systemctl list-units > /dev/null 2>&1; do sleep 0.05; done');
    if (ready.code !== 0) throw new Error(`The node did not come up: ${ready.stderr}`);
    return node;
  }

  /** Runs a command of the shell on the node, as root. */
  async run(command: string): Promise<RunResult> {
    const namespaces = ['--mount', '--pid', '--cgroup', '--uts', '--ipc'];
    const child = spawn('nsenter', ['--target', this.#pid(), ...namespaces, 'timeout', '60', 'sh', '-c', command], {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { PATH: '/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin' },
    });
    const ended = once(child, 'close');
    const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr)]);
    await ended;
    return { code: child.exitCode ?? child.signalCode, stdout, stderr };
  }

  /** Ends the node and all that runs on it. */
  async stop(): Promise<void> {
    const ended = once(this.#systemd, 'exit');
    spawnSync('kill', ['-KILL', this.#pid()]);
    await ended;
    removeCgroup(this.#cgroup);
  }

  /** Process 1 of the node, as the machine counts. It is the only child of unshare(1), which sh became. */
  #pid(): string {
    const find = `until pid=$(pgrep -P ${this.#systemd.pid ?? 0} -x systemd); do kill -0 ${this.#systemd.pid ?? 0} || exit 1; sleep 0.05; done; echo $pid`;
    const { stdout, stderr } = spawnSync('timeout', ['30', 'sh', '-c', find], { encoding: 'utf8' });
    if (stdout.trim() === '') throw new Error(`There is no systemd: ${stderr}`);
    return stdout.trim();
  }
}

function giveToGlance(path: string): void {
  chownSync(path, GLANCE.uid, GLANCE.gid);
  for (const entry of readdirSync(path, { withFileTypes: true, recursive: true })) {
    chownSync(join(entry.parentPath, entry.name), GLANCE.uid, GLANCE.gid);
  }
}

function makeCgroup(): string {
  // Where both versions are in use, the second one has a folder of its own.
  const parent = CGROUPS.find((folder) => existsSync(join(folder, 'cgroup.procs')));
  if (parent === undefined) throw new Error('There is no second version of cgroups on this machine');
  const path = join(parent, `glance-cache-tools-${process.pid}`);
  mkdirSync(path);
  return path;
}

function removeCgroup(path: string): void {
  for (const entry of readdirSync(path, { withFileTypes: true })) {
    if (entry.isDirectory()) removeCgroup(join(path, entry.name));
  }
  rmdirSync(path);
}
