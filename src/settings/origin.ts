import { printable } from '../text/printable.ts';

/** Where the value of an option comes from. */
export type Origin =
  | { readonly kind: 'flag'; readonly flag: string }
  | { readonly kind: 'environment'; readonly variable: string }
  | { readonly kind: 'file'; readonly file: string; readonly line: number }
  | { readonly kind: 'default' };

/**
 * An origin in words, for messages and listings.
 *
 * @returns such as `/etc/glance/glance-cache.conf:12`, `environment OS_DEFAULT__DEBUG`, `flag --debug` or `default`
 */
export function describeOrigin(origin: Origin): string {
  switch (origin.kind) {
    case 'flag':
      return `flag ${origin.flag}`;
    case 'environment':
      return `environment ${origin.variable}`;
    case 'file':
      return `${printable(origin.file)}:${origin.line}`;
    case 'default':
      return 'default';
  }
}
