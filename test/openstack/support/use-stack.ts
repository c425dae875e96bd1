import { afterAll, inject } from 'vitest';
import { GlanceClient } from './api.ts';
import { describeNode, removeCache, startGlance, stopGlance } from './glance.ts';
import type { GlanceOptions } from './glance-conf.ts';
import { freePort } from './ports.ts';
import { glanceIdentity } from './stack.ts';
import type { Account, GlanceNode, StackInfo } from './stack-info.ts';

/** How to restart a glance-api. */
export interface RestartOptions extends GlanceOptions {
  /** Throws the cache directory away in between. */
  readonly emptyCache?: boolean;
}

/** The running stack, as a test file uses it. */
export interface Stack extends StackInfo {
  /**
   * Restarts the glance-api of the catalog (or another node) on its port, with these settings and no others: what an
   * earlier restart had changed is back at its default. Returns the node as it is now.
   */
  restartGlance(options?: RestartOptions, node?: GlanceNode): Promise<GlanceNode>;
  /** Stops a glance-api, for work on its cache that needs it still; `restartGlance` brings it back. */
  stopGlance(node?: GlanceNode): Promise<void>;
  /**
   * Starts one more glance-api, with a cache directory, a port and locks of its own, on the same images. A name that
   * some folder of nodes/ has makes it work on the cache in there.
   */
  startGlanceNode(options?: GlanceOptions, name?: string): Promise<GlanceNode>;
  /** A client of a node's API, signed in; the catalog's node and admin unless told otherwise. */
  connect(node?: GlanceNode, account?: Account): Promise<GlanceClient>;
}

/**
 * The stack of this run. To be called at the top of a test file: when its tests are over, nodes that it started are
 * stopped, and the catalog's glance-api is put back to its defaults if it was touched.
 */
export function useStack(): Stack {
  const info = inject('stack');
  const identity = glanceIdentity(info.keystoneUrl);
  const started: GlanceNode[] = [];
  let isTouched = false;

  const stack: Stack = {
    ...info,
    async restartGlance({ emptyCache = false, ...options } = {}, node = info.node) {
      isTouched ||= node.name === info.node.name;
      await stopGlance(info, node);
      if (emptyCache) removeCache(node);
      const restarted = describeNode(info, node.name, { port: node.port, options });
      await startGlance(info, restarted, { identity, options });
      return restarted;
    },
    async stopGlance(node = info.node) {
      isTouched ||= node.name === info.node.name;
      await stopGlance(info, node);
    },
    async startGlanceNode(options = {}, name = undefined) {
      const port = await freePort();
      const node = describeNode(info, name ?? `glance-api-${port}`, { port, options });
      started.push(node);
      await startGlance(info, node, { identity, options });
      return node;
    },
    async connect(node = info.node, account = info.accounts.admin) {
      return GlanceClient.connect(info.keystoneUrl, node, account);
    },
  };

  afterAll(async () => {
    await Promise.all(started.map(async (node) => stopGlance(info, node)));
    if (isTouched) await stack.restartGlance({ emptyCache: true });
  });
  return stack;
}
