/**
 * completion: the script that makes a shell complete the commands, flags and images of all programs. The scripts need no
 * configuration; they themselves ask for the IDs of images here, whenever somebody presses the tabulator.
 */
import { cacheLayout } from '../../cache/layout.ts';
import { UsageError } from '../../errors/cache-error.ts';
import { OPTIONS } from '../../settings/options.ts';
import { findCacheDir } from '../cache-dir.ts';
import { type ImageSource, imageSourceOf } from '../image-source.ts';
import { settingsOf } from '../open-run.ts';
import type { Call, Command } from '../program.ts';

const SHELLS = ['bash', 'zsh', 'fish'] as const;

type Shell = (typeof SHELLS)[number];

/** The command. */
export const completionCommand: Command = {
  name: 'completion',
  summary: 'Print the script that makes a shell complete commands, flags and image IDs',
  operands: '<bash|zsh|fish>',
  operandsFrom: SHELLS,
  flags: [],
  examples: [
    { line: 'source <(glance-cache-manage completion bash)', does: 'A line of ~/.bashrc.' },
    {
      line: 'glance-cache-manage completion zsh | sudo tee /usr/local/share/zsh/site-functions/_glance-cache-tools',
      does: 'For all users of zsh.',
    },
    {
      line: 'glance-cache-manage completion fish >~/.config/fish/conf.d/glance-cache-tools.fish',
      does: 'For one user of fish.',
    },
  ],
  run: async (call) => {
    const [what = ''] = call.args.operands;
    const source = what.startsWith('ids:') ? imageSourceOf(what.slice('ids:'.length)) : undefined;
    const shell = SHELLS.find((name) => name === what);
    if (source === undefined && shell === undefined) throw noShell(call, what);
    await call.invocation.stdout.write(shell === undefined ? await idsOf(call, source) : await scriptFor(call, shell));
  },
};

async function scriptFor({ program }: Call, shell: Shell): Promise<string> {
  const { describePrograms } = await import('../completion/describe-programs.ts');
  const programs = describePrograms(program);
  switch (shell) {
    case 'bash':
      return (await import('../completion/bash.ts')).bashScript(programs);
    case 'zsh':
      return (await import('../completion/zsh.ts')).zshScript(programs);
    case 'fish':
      return (await import('../completion/fish.ts')).fishScript(programs);
  }
}

/** From the names in a folder alone: whichever driver keeps the index, it may be locked, or a server far away. */
async function idsOf(call: Call, source: ImageSource | undefined): Promise<string> {
  const { listIds } = await import('../completion/list-ids.ts');
  const settings = settingsOf(call, () => undefined);
  const { path } = findCacheDir(settings, call.invocation);
  return listIds(cacheLayout(path, settings.get(OPTIONS.imageCacheSqliteDb)), source);
}

function noShell({ program }: Call, what: string): UsageError {
  return new UsageError('USAGE', `Cannot complete for ${JSON.stringify(what)}: there is no such shell here`, {
    hint: `Name ${SHELLS.join(', ')}, as in: ${program.name} completion bash`,
  });
}
