/**
 * One question to the Glance that Keystone's catalog, or the configuration, names.
 */
import { type AskOptions, ask, type Question } from '../keystone/ask.ts';

/** What to ask, and what to make of the answer. */
export interface GlanceQuestion<T> extends Pick<Question<T>, 'read'> {
  /** Below the endpoint, with a slash before it; may have a query. */
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Asks; errors are those of {@link ask}. */
export function askGlance<T>(
  options: AskOptions,
  { path, headers = {}, read }: GlanceQuestion<T>,
  signal: AbortSignal,
): Promise<T> {
  return ask(
    options,
    { request: ({ imageEndpoint }) => ({ method: 'GET', url: `${imageEndpoint}${path}`, headers }), read },
    signal,
  );
}
