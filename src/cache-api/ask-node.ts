/**
 * One request to a node. Each has a connection of its own: behind a load balancer a connection that is kept would lead
 * to the same node every time, and nobody would see that there are several.
 */
import { parseHttpDate } from '../http/retry-after.ts';
import type { HttpMethod } from '../http/transport.ts';
import { type AskOptions, ask } from '../keystone/ask.ts';
import type { NodeAddress } from './node-address.ts';
import { errorOfAnswer } from './node-errors.ts';

/** A request. */
export interface NodeQuestion {
  readonly method: HttpMethod;
  /** Below the address of the node, with a slash before it. */
  readonly path: string;
  /** What is attempted, such as `list the cache of "node1"`. */
  readonly what: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Statuses beside those of a success that the caller makes something of; others are thrown as errors. */
  readonly accepts?: readonly number[];
  /** Whether it may take as long as the node works. */
  readonly isLong?: boolean;
  /** Whether it may be sent again where a failure may pass. */
  readonly isRepeatable?: boolean;
}

/** An answer, read. */
export interface NodeAnswer {
  readonly status: number;
  /** The body; of what is no success, its beginning. */
  readonly text: string;
  /** When the node sent it, by its own clock, epoch seconds. */
  readonly sentSec: number | undefined;
  /** The header `Via`, which proxies and gateways add. */
  readonly via: string | undefined;
  readonly setCookie: string | undefined;
  /** Whether who asked has an admin role. */
  readonly isAdmin: boolean;
}

// A hundred thousand images take 17 MB, at most 200 bytes each.
const MAX_LIST_BYTES = 64 * 1024 * 1024;

// glance-api answers when it is done, and a prune or a clean waits without limit for one that runs already, as does each
// removal for the file system. TCP itself notices a node that has gone meanwhile; this is for one that hangs.
const LONG_WORK_SEC = 3600;

/**
 * Asks a node.
 *
 * @param options `retries` is for questions that may be repeated
 * @throws AuthError, RemoteError; ConfigError of the login; the signal's reason
 */
export function askNode(
  options: AskOptions,
  node: NodeAddress,
  { question, signal }: { readonly question: NodeQuestion; readonly signal: AbortSignal },
): Promise<NodeAnswer> {
  const { method, path, what, headers = {}, accepts = [], isLong = false, isRepeatable = method === 'GET' } = question;
  return ask(
    isRepeatable ? options : { ...options, retries: 0 },
    {
      request: () => ({
        method,
        url: `${node.url}${path}`,
        headers: { accept: 'application/json', ...headers },
        closes: true,
        maxTextBytes: MAX_LIST_BYTES,
        ...(isLong ? { headersSec: LONG_WORK_SEC } : {}),
      }),
      read: async (answer) => {
        const { response, access } = answer;
        const { status } = response;
        if ((status < 200 || status >= 300) && !accepts.includes(status)) {
          throw await errorOfAnswer(answer, { what, node });
        }
        const date = response.header('date');
        return {
          status,
          text: await response.text(),
          sentSec: date === undefined ? undefined : parseHttpDate(date),
          via: response.header('via'),
          setCookie: response.header('set-cookie'),
          isAdmin: access.isAdmin,
        };
      },
    },
    signal,
  );
}
