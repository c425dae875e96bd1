/**
 * The toolkit as its built programs, each run a process of its own.
 */
import { type ProgramName, runProgram } from '../support/run-program.ts';
import { reportOf } from './answers.ts';
import type { Answer, ListWish, Report, Request, Toolkit } from './request.ts';
import type { World } from './world.ts';

/** Carries out requests on a world; nobody interrupts them. */
export class Programs implements Toolkit {
  readonly #world: World;

  constructor(world: World) {
    this.#world = world;
  }

  async run(request: Request, dryRun: boolean): Promise<Answer> {
    const { layout, time } = this.#world;
    const [program, ...args] = commandLine(request);
    const stallTimeSec = request.kind === 'clean' ? request.configuredStallTimeSec : 86_400;
    const env = {
      ...time.environment(),
      OS_DEFAULT__IMAGE_CACHE_DIR: layout.root,
      OS_DEFAULT__IMAGE_CACHE_STALL_TIME: String(stallTimeSec),
    };
    const dry = dryRun && request.kind !== 'list' ? ['--dry-run'] : [];
    const { code, stdout, stderr } = await runProgram(program, [...args, ...dry, '--format', 'json'], { env });
    const error = code === 0 ? undefined : errorCodeIn(stderr);
    return { exitCode: Number(code), error, report: stdout === '' ? undefined : readReport(request, stdout) };
  }
}

function commandLine(request: Request): readonly [ProgramName, ...string[]] {
  switch (request.kind) {
    case 'prune': {
      const { adopt, maxSizeBytes, lowWatermarkPercent, maxAgeSec } = request;
      const age = maxAgeSec === undefined ? [] : ['--max-age', `${maxAgeSec}s`];
      const limits = ['--max-size', String(maxSizeBytes), '--low-watermark', `${lowWatermarkPercent}%`];
      return ['pruner', ...limits, ...age, ...switches({ adopt })];
    }
    case 'clean': {
      const { stallTimeSec, invalidGraceSec, imageIds = [] } = request;
      const times = ['--stall-time', `${stallTimeSec}s`, '--invalid-grace', `${invalidGraceSec}s`];
      return ['cleaner', ...times, ...imageIds.flatMap((imageId) => ['--image', imageId])];
    }
    case 'delete': {
      const { imageIds, adopt, includePinned } = request;
      const all = ['delete-all-cached-images', ...(includePinned ? ['--include-pinned'] : [])];
      const command = imageIds === undefined ? all : ['delete-cached-image', ...imageIds];
      return ['manage', '-f', ...command, ...switches({ adopt })];
    }
    case 'queue':
      return ['manage', '-f', 'queue-image', ...request.imageIds];
    case 'dequeue': {
      const { imageIds } = request;
      return [
        'manage',
        '-f',
        ...(imageIds === undefined ? ['delete-all-queued-images'] : ['delete-queued-image', ...imageIds]),
      ];
    }
    case 'pin':
    case 'unpin':
      return ['manage', `${request.kind}-image`, ...request.imageIds];
    case 'verify':
      return ['manage', 'verify', ...(request.repair ? ['--repair'] : [])];
    case 'list':
      return ['manage', `list-${request.what}`];
  }
}

function switches({ adopt }: { readonly adopt: boolean }): readonly string[] {
  return adopt ? ['--adopt'] : [];
}

function errorCodeIn(stderr: string): string {
  const { error } = JSON.parse(stderr.trimEnd().split('\n').at(-1) ?? '') as {
    readonly error: { readonly code: string };
  };
  return error.code;
}

function readReport(request: Request, stdout: string): Report {
  if (request.kind !== 'list') return reportOf(JSON.parse(stdout) as Readonly<Record<string, unknown>>);
  const rows = JSON.parse(stdout) as readonly Readonly<Record<string, unknown>>[];
  return { items: rows.map((row) => listed(request, row)), facts: {} };
}

/** A row of a list, without what differs from machine to machine. */
function listed({ what }: ListWish, row: Readonly<Record<string, unknown>>): unknown {
  if (what === 'cached') return row;
  if (what === 'queued') return { image_id: row['image_id'] };
  const { pinned_at: _pinnedAt, ...pin } = row;
  if (what === 'pinned') return pin;
  const { holders: _, held_open: heldOpen, ...leftover } = row;
  // Not known where this process may not see all others.
  return { ...leftover, held_open: heldOpen === true };
}
