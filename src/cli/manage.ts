/**
 * glance-cache-manage: looks at and changes the cache by hand.
 */
import { UsageError } from '../errors/cache-error.ts';
import { shellWord } from '../errors/next-step.ts';
import { OPTIONS } from '../settings/options.ts';
import { MANAGE_AUTH_FLAGS, PROVIDER_FLAGS } from './auth-flags.ts';
import { FORMAT } from './common-flags.ts';
import { LOG_FLAGS } from './logging-flags.ts';
import { checkCommand } from './manage/check-command.ts';
import { completionCommand } from './manage/completion-command.ts';
import { configCommand } from './manage/config-command.ts';
import { DELETE_COMMANDS } from './manage/delete-commands.ts';
import { FLEET_COMMANDS } from './manage/fleet-commands.ts';
import { LEFTOVER_COMMANDS } from './manage/leftover-commands.ts';
import { LIST_COMMANDS } from './manage/list-commands.ts';
import { FORCE, HOST, PORT } from './manage/manage-flags.ts';
import { metricsCommand } from './manage/metrics-command.ts';
import { PIN_COMMANDS } from './manage/pin-commands.ts';
import { queueCommand } from './manage/queue-command.ts';
import { statsCommand } from './manage/stats-command.ts';
import { TIDY_COMMANDS } from './manage/tidy-commands.ts';
import { verifyCommand } from './manage/verify-command.ts';
import type { Call, Command, Program } from './program.ts';
import { runProgram } from './run.ts';

const COMMANDS: readonly Command[] = [
  ...LIST_COMMANDS,
  queueCommand,
  ...DELETE_COMMANDS,
  ...TIDY_COMMANDS,
  ...LEFTOVER_COMMANDS,
  ...PIN_COMMANDS,
  statsCommand,
  metricsCommand,
  ...FLEET_COMMANDS,
  verifyCommand,
  checkCommand,
  configCommand,
  completionCommand,
];

/** The declaration of the program. */
export const MANAGE: Program = {
  name: 'glance-cache-manage',
  summary: 'Lists, queues and deletes images of the Glance image cache on this node, or on others.',
  groups: [
    { heading: 'Options:', flags: [FORCE, FORMAT], options: [OPTIONS.lockTimeout] },
    LOG_FLAGS,
    { heading: 'Options for other nodes:', flags: [HOST, PORT], options: [] },
    MANAGE_AUTH_FLAGS,
    PROVIDER_FLAGS,
  ],
  commands: COMMANDS.map((command) => ({ ...command, run: (call) => runWhere(call, command) })),
  examples: [
    { line: 'glance-cache-manage list-cached', does: 'What the cache holds.' },
    { line: 'glance-cache-manage --format json list-queued', does: 'The queue, for a script.' },
    { line: 'glance-cache-manage --host node1,node2 list-cached', does: 'What two other nodes hold.' },
    { line: 'glance-cache-manage help queue-image', does: 'What a command takes.' },
  ],
  run: () => Promise.reject(new TypeError('glance-cache-manage has commands')),
};

/** Another node's cache is not this node's: a host that were ignored would have the wrong images deleted. */
async function runWhere(call: Call, command: Command): Promise<void> {
  const [host] = call.args.values(HOST);
  if (host === undefined) return command.run(call);
  if (command.runRemotely !== undefined) return command.runRemotely(call);
  const words = [command.name, ...call.args.operands].map(shellWord);
  throw new UsageError(
    'USAGE_NOT_AVAILABLE',
    `Cannot do ${command.name} on ${JSON.stringify(host)}: that command works on the node it runs on only`,
    { hint: `Run it on that node, without --host: glance-cache-manage ${words.join(' ')}` },
  );
}

/** Runs the program. */
export const run = (): Promise<void> => runProgram(MANAGE);
