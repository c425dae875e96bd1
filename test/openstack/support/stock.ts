import { inject } from 'vitest';
import { openrc } from './openrc.ts';
import { type RunResult, run } from './run.ts';
import type { GlanceNode } from './stack-info.ts';
import { systemEnvironment } from './system-environment.ts';

/** The programs that Debian's glance-api brings. */
export type StockProgram =
  | 'glance-cache-manage'
  | 'glance-cache-pruner'
  | 'glance-cache-cleaner'
  | 'glance-cache-prefetcher';

/** How to run a stock program. */
export interface StockOptions {
  /** Replaces the node's glance-cache.conf. */
  readonly conf?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly input?: string;
}

/**
 * Runs a stock program as the service user, against a node: `glance-cache-manage` (which works through the API only and
 * takes no configuration) gets host, port and admin's credentials, the others the node's glance-cache.conf.
 */
export async function runStock(
  node: GlanceNode,
  program: StockProgram,
  { args = [], conf = node.cacheConf, env = {}, input }: StockOptions & { readonly args?: readonly string[] } = {},
): Promise<RunResult> {
  const stack = inject('stack');
  const isManage = program === 'glance-cache-manage';
  const target = isManage ? ['--host', '127.0.0.1', '--port', String(node.port)] : ['--config-file', conf];
  return run(['/usr/bin/python3', `/usr/bin/${program}`, ...target, ...args], {
    as: stack.user,
    env: { ...systemEnvironment(stack.homeDir), ...(isManage ? openrc(stack) : {}), ...env },
    input,
  });
}
