/**
 * The completion for fish.
 */
import {
  REMOTE_FLAGS,
  type ShownCommand,
  type ShownFlag,
  type ShownProgram,
  SOURCE_FLAGS,
  type Values,
} from './describe-programs.ts';
import { headOf } from './head.ts';

/** The script. */
export function fishScript(programs: readonly ShownProgram[]): string {
  const names = programs.map(({ name }) => name);
  return [
    headOf('fish', names, [
      'For all users:',
      '  glance-cache-manage completion fish | sudo tee /etc/fish/conf.d/glance-cache-tools.fish >/dev/null',
      'For yourself:',
      '  glance-cache-manage completion fish >~/.config/fish/conf.d/glance-cache-tools.fish',
    ]),
    MACHINE,
    ...programs.map(programLines),
  ].join('\n');
}

function programLines({ name, flags, commands }: ShownProgram): string {
  const start = `complete -c ${name}`;
  const names = commands.map((command) => command.name);
  const none = `not __fish_seen_subcommand_from ${names.join(' ')}`;
  const lines = [
    // Files only where they are wanted.
    `${start} -f`,
    ...flags.map((flag) => `${start} ${flagArguments(flag)}`),
    ...commands.map((command) => `${start} -n ${word(none)} -a ${command.name} -d ${word(command.does)}`),
    ...commands.flatMap((command) => commandLines(start, command, names)),
  ];
  return `${lines.join('\n')}\n`;
}

function commandLines(start: string, { name, flags, operands }: ShownCommand, names: readonly string[]): string[] {
  const seen = `__fish_seen_subcommand_from ${name}`;
  const lines = flags.map((flag) => `${start} -n ${word(seen)} ${flagArguments(flag)}`);
  if (operands?.kind === 'commands') {
    const others = names.filter((other) => other !== name).join(' ');
    lines.push(`${start} -n ${word(`${seen}; and not __fish_seen_subcommand_from ${others}`)} -a ${word(others)}`);
  } else if (operands?.kind === 'words' || operands?.kind === 'images') {
    lines.push(`${start} -n ${word(seen)} ${valueArguments(operands)}`);
  }
  return lines;
}

function flagArguments({ names, does, value }: ShownFlag): string {
  const spelled = names.map((name) => (name.startsWith('--') ? `-l ${name.slice(2)}` : `-s ${name.slice(1)}`));
  const takes = value === undefined ? [] : [valueArguments(value.values)];
  return [...spelled, ...takes, `-d ${word(does)}`].join(' ');
}

function valueArguments(values: Values): string {
  switch (values.kind) {
    case 'words':
      return `-x -a ${word(values.words.join(' '))}`;
    case 'images':
      return `-x -a ${word(`(__glance_cache_images ${values.sources.join(' ')})`)}`;
    case 'file':
      return '-r -F';
    case 'folder':
      return `-x -a ${word('(__fish_complete_directories (commandline -ct))')}`;
    case 'commands':
    case 'any':
      return '-x';
  }
}

/** One word, whatever is in it. */
function word(text: string): string {
  return `'${text.replaceAll(/[\\']/g, '\\$&')}'`;
}

/** What is the same whatever the programs have. */
const MACHINE = `# The IDs of images that are on this node: asked for without a question, a network or a wait.
function __glance_cache_images
    set -l config
    set -l flag
    set -l typed (commandline -opc)
    for word in $typed[2..]
        if test -n "$flag"
            set -a config $flag $word
            set flag
            continue
        end
        switch $word
            case ${SOURCE_FLAGS.join(' ')}
                set flag $word
            case ${SOURCE_FLAGS.map((name) => `'${name}=*'`).join(' ')}
                set -a config $word
            case ${REMOTE_FLAGS.map((name) => `'${name}*'`).join(' ')}
                return
        end
    end
    for source in $argv
        for id in (command glance-cache-manage $config completion ids:$source </dev/null 2>/dev/null)
            # Without those that stand on the line already.
            contains -- $id $typed; or echo $id
        end
    end
end
`;
