/**
 * Nodes of a fleet beside a Keystone, and `glance-cache-manage` between them, run as users run it: without a cache and
 * without a configuration.
 */
import type { ServerOptions } from 'node:https';
import { afterAll, expect } from 'vitest';
import { type Cloud, type CloudOptions, startCloud } from './cloud/cloud.js';
import { FakeNode } from './fake-node.ts';
import type { Answer, LoopbackServer, ReceivedRequest } from './loopback-server.ts';
import { startServer } from './loopback-server.ts';
import { loginOf, PASSWORD } from './prefetch-fixture.ts';
import { type RunningProgram, type RunOptions, type RunResult, startProgram } from './run-program.ts';

/** One glance-api that is asked for its cache alone. */
export class TestNode extends FakeNode {
  readonly #server: LoopbackServer;
  readonly port: number;
  readonly #isTls: boolean;
  #isClosed = false;
  /** Answers in place of the node; undefined for what the node answers itself. */
  instead: (request: ReceivedRequest) => Answer | undefined = () => undefined;

  constructor(server: LoopbackServer) {
    super();
    this.#server = server;
    this.port = server.port;
    this.#isTls = server.origin.startsWith('https:');
    server.answerWith((request, response) => (this.instead(request) ?? this.answer)(request, response));
  }

  /** What `--host` takes. */
  get address(): string {
    return this.#isTls ? `https://127.0.0.1:${this.port}` : `127.0.0.1:${this.port}`;
  }

  /** What it was asked to change: `DELETE /v2/cached_images/ID`. */
  get changes(): readonly string[] {
    return this.#server.requests.filter(({ method }) => method !== 'GET').map(({ method, url }) => `${method} ${url}`);
  }

  /** The tokens that came with requests, each once. */
  get tokens(): readonly unknown[] {
    return [...new Set(this.#server.requests.map(({ headers }) => headers['x-auth-token']))];
  }

  /** From now on connections are refused. */
  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    await this.#server.close();
  }
}

/** A fleet of nodes. */
export class Fleet {
  readonly cloud: Cloud;
  readonly nodes: readonly TestNode[];

  constructor(cloud: Cloud, nodes: readonly TestNode[]) {
    this.cloud = cloud;
    this.nodes = nodes;
  }

  /** All of them, as `--host` takes them. */
  get hosts(): string {
    return this.nodes.map(({ address }) => address).join(',');
  }

  /** Runs the program with the admin's credentials in the environment. */
  manage(args: readonly string[], options: RunOptions = {}): Promise<RunResult> {
    return this.start(args, options).ended;
  }

  /** Starts it. */
  start(args: readonly string[], options: RunOptions = {}): RunningProgram {
    const running = startProgram('manage', args, { ...options, env: { ...loginOf(this.cloud), ...options.env } });
    const ended = running.ended.then((result) => {
      const tokens = this.nodes.flatMap((node) => node.tokens).filter((token) => typeof token === 'string');
      for (const secret of [PASSWORD, ...tokens]) expect(result.stdout + result.stderr).not.toContain(secret);
      return result;
    });
    return { ...running, ended };
  }

  /** Runs it on all nodes. */
  manageAll(args: readonly string[], options?: RunOptions): Promise<RunResult> {
    return this.manage(['--host', this.hosts, ...args], options);
  }
}

/** Sets up fleets; all are gone at the end of the file, so that tests may run side by side. */
export function useFleets(): (
  size: number,
  options?: CloudOptions & {
    /** Makes the nodes speak TLS. */
    readonly nodeTls?: ServerOptions;
  },
) => Promise<Fleet> {
  const fleets: Fleet[] = [];
  afterAll(async () => {
    await Promise.all(fleets.flatMap(({ cloud, nodes }) => [cloud.close(), ...nodes.map((node) => node.close())]));
  });
  return async (size, { nodeTls, ...options } = {}) => {
    const servers = await Promise.all(Array.from({ length: size }, () => startServer(nodeTls)));
    const nodes = servers.map((server) => new TestNode(server));
    const fleet = new Fleet(await startCloud(options), nodes);
    fleets.push(fleet);
    return fleet;
  };
}
