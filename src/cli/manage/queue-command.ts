/**
 * queue-image: puts images into the queue that the prefetcher works off, or fetches them at once.
 */
import { type ImageId, parseImageId } from '../../cache/image-id.ts';
import { ConfigError, UsageError } from '../../errors/cache-error.ts';
import { type OptionType, ValueError } from '../../settings/option.ts';
import { OPTIONS } from '../../settings/options.ts';
import { string } from '../../settings/types/string.ts';
import { queueImages } from '../../use-cases/queue.ts';
import { type FoundCredentials, findCredentials, loginIn } from '../cloud/find-credentials.ts';
import { DRY_RUN } from '../common-flags.ts';
import type { SwitchFlag, ValueFlag } from '../flag.ts';
import { type OpenRun, withRun } from '../open-run.ts';
import type { Call, Command } from '../program.ts';
import { agreedImages, changeAgreed, type ImageChange, idleReason } from './change-images.ts';
import { notAnImageId } from './image-ids.ts';
import { timed } from './show-list.ts';

const NAME: ValueFlag<string> = {
  names: ['--name'],
  beyondStock: true,
  metavar: 'NAME',
  type: string,
  repeatable: true,
  help: 'The image with this name, whatever the name looks like; may be given several times.',
};

const TAG: ValueFlag<string> = {
  names: ['--tag'],
  beyondStock: true,
  metavar: 'TAG',
  type: string,
  repeatable: true,
  help: 'Every active image with this tag, and with all others that are given.',
};

const property: OptionType<readonly [key: string, value: string]> = {
  expects: 'a property and its value, such as os_distro=debian',
  parse(text) {
    const equals = text.indexOf('=');
    if (equals < 1) throw new ValueError('is not KEY=VALUE');
    return [text.slice(0, equals), text.slice(equals + 1)];
  },
};

const PROPERTY: ValueFlag<readonly [string, string]> = {
  names: ['--property'],
  beyondStock: true,
  metavar: 'KEY=VALUE',
  type: property,
  repeatable: true,
  help: 'Every active image with this property, and with all others that are given.',
};

const NOW: SwitchFlag = {
  names: ['--now'],
  beyondStock: true,
  help: 'Fetch the images at once instead of queueing them, as the prefetcher would.',
};

/** The command. */
export const queueCommand: Command = {
  name: 'queue-image',
  summary: 'Queue an image for caching',
  operands: '[IMAGE...]',
  logsIn: true,
  flags: [DRY_RUN, NAME, TAG, PROPERTY, NOW],
  options: [OPTIONS.jobs, OPTIONS.limitRate, OPTIONS.retries, OPTIONS.stallTimeout, OPTIONS.minFree],
  examples: [
    {
      line: 'glance-cache-manage -f queue-image 71c675ab-d94f-49cd-a114-e12490b328d9',
      does: 'Queue it without a question; the prefetcher fetches it in its next run.',
    },
    { line: 'glance-cache-manage queue-image --tag golden --dry-run', does: 'Show which images have that tag.' },
    { line: 'glance-cache-manage -f queue-image --now debian-13', does: 'Fetch the image of that name at once.' },
  ],
  run: async (call) => {
    const selection = selectionOf(call);
    const isNow = call.args.has(NOW);
    const asksGlance = isNow || selection.needsGlance;
    await withRun(
      call,
      {
        openFiles: false,
        // As fetching does not go together with the prefetcher's, it takes that one's lock.
        ...(isNow ? { lockAs: 'glance-cache-prefetcher' } : {}),
        prepare: async ({ settings }) => (asksGlance ? findCredentials(call, settings) : undefined),
      },
      (run, found) =>
        timed(call, async () => {
          const imageIds = await imagesOf(call, run, { selection, found, isNow });
          if (isNow) await fetchNow(call, run, { found, imageIds });
          else await changeAgreed(call, run, { imageIds, change: QUEUEING });
        }),
    );
  },
  runRemotely: async (call) => {
    const queueing = { selection: selectionOf(call), words: QUEUEING, isNow: call.args.has(NOW) };
    const { queueRemotely } = await import('./remote/queue-remotely.ts');
    await queueRemotely(call, queueing);
  },
};

const QUEUEING: ImageChange = {
  question: (imageId) => `Queue image ${imageId} for caching?`,
  done: (imageId) => `Queued image ${imageId} for caching`,
  idle: (item) => `Not queued: image ${item.imageId} is ${idleReason(item)}`,
  saysDoneWhenIdle: false,
  apply: ({ access }, imageIds, dryRun) => queueImages(access, imageIds, dryRun),
};

/** What was asked for. */
export interface Selection {
  readonly imageIds: readonly ImageId[];
  readonly names: readonly string[];
  readonly tags: readonly string[];
  readonly properties: Readonly<Record<string, string>>;
  readonly needsGlance: boolean;
}

/** An operand that is no ID in any spelling is a name. */
function selectionOf({ args }: Call): Selection {
  const imageIds: ImageId[] = [];
  const names = [...args.values(NAME)];
  for (const operand of args.operands) {
    const imageId = parseImageId(operand);
    if (imageId !== undefined) imageIds.push(imageId);
    // A variable of a script that is not set.
    else if (operand.trim() === '') throw notAnImageId(operand);
    else names.push(operand);
  }
  const tags = args.values(TAG);
  const properties = Object.fromEntries(args.values(PROPERTY));
  const needsGlance = names.length + tags.length + Object.keys(properties).length > 0;
  if (imageIds.length === 0 && !needsGlance) {
    throw new UsageError('USAGE', 'Cannot queue: no image is named', {
      hint: 'Give the ID or the name of an image, or --tag or --property: see "glance-cache-manage help queue-image"',
    });
  }
  return { imageIds: [...new Set(imageIds)], names, tags, properties, needsGlance };
}

/** What to look for. */
interface Looking {
  readonly selection: Selection;
  readonly found: FoundCredentials | undefined;
  readonly isNow: boolean;
}

async function imagesOf(call: Call, run: OpenRun, { selection, found, isNow }: Looking): Promise<readonly ImageId[]> {
  if (!selection.needsGlance) return selection.imageIds;
  if (found === undefined) throw new TypeError('Credentials were not looked for');
  if (found.kind === 'none') throw cannotLookUp(selection, found.error);
  const { withGlance } = await import('../cloud/open-cloud.ts');
  const { resolveImages } = await import('../../use-cases/resolve-images.ts');
  // Whoever fetches logs what is to be said about the login itself.
  const login = isNow ? found.login : loginIn(found, run.log);
  const resolved = await withGlance(call, run, login, (glance) => resolveImages(glance, selection, run.access.signal));
  return [...new Set([...selection.imageIds, ...resolved])];
}

/** Whoever has mistyped an ID has not asked for any login. */
function cannotLookUp({ names: [name] }: Selection, error: unknown): unknown {
  if (name === undefined || !(error instanceof ConfigError) || error.code !== 'CONFIG_CREDENTIALS') return error;
  const { message, hint = '', details = {}, cause } = error;
  return new ConfigError(
    'CONFIG_CREDENTIALS',
    `Cannot look up the image ${JSON.stringify(name)}, which is no image ID, by its name: ${message}`,
    { hint: `Give the ID of the image, a UUID; or for its name: ${hint}`, details, cause },
  );
}

async function fetchNow(
  call: Call,
  run: OpenRun,
  { found, imageIds }: { readonly found: FoundCredentials | undefined; readonly imageIds: readonly ImageId[] },
): Promise<void> {
  const agreed = await agreedImages(call, imageIds, (imageId) => `Fetch image ${imageId} into the cache now?`);
  if (agreed.length === 0 || found === undefined) return;
  const { runPrefetch } = await import('../prefetch/run-prefetch.ts');
  await runPrefetch(call, run, { found, imageIds: agreed });
}
