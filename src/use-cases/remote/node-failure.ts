import type { NodeAnswer } from './ask-nodes.ts';

/** What went wrong with a node, or with one image there. */
export interface NodeFailure {
  readonly host: string;
  readonly error: unknown;
}

/** The failures among answers. */
export function failuresOf(answers: readonly NodeAnswer<unknown>[]): readonly NodeFailure[] {
  return answers.flatMap((answer) =>
    answer.kind === 'failed' ? [{ host: answer.node.host, error: answer.error }] : [],
  );
}
