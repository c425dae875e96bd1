import type { IndexAction } from './action.ts';

/**
 * The same actions, with the removal of files that have no row before all others. An index without any row beside image
 * files counts as given up (see isFlipped in grace.ts), and nothing may be concluded from it: a run that is killed after
 * the last row and before the last file must not leave what the next one refuses to touch.
 */
export function rowlessFirst<A extends IndexAction>(actions: readonly A[]): readonly A[] {
  const isRowless = (action: A): boolean => action.kind === 'remove-image' && action.row === undefined;
  return [...actions.filter(isRowless), ...actions.filter((action) => !isRowless(action))];
}
