/**
 * The completion for zsh.
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
export function zshScript(programs: readonly ShownProgram[]): string {
  const names = programs.map(({ name }) => name);
  return [
    // zsh reads its first line for what it completes.
    `#compdef ${names.join(' ')}`,
    headOf('zsh', names, [
      'For all users:',
      '  glance-cache-manage completion zsh | sudo tee /usr/local/share/zsh/site-functions/_glance-cache-tools >/dev/null',
      'For yourself, lines in ~/.zshrc:',
      '  autoload -U compinit && compinit',
      '  source <(glance-cache-manage completion zsh)',
    ]),
    MACHINE,
    mainFunction(programs),
    `if [[ $zsh_eval_context[-1] == loadautofunc ]]; then
  _glance_cache_tools "$@"
else
  compdef _glance_cache_tools ${names.join(' ')}
fi
`,
  ].join('\n');
}

function mainFunction(programs: readonly ShownProgram[]): string {
  return `_glance_cache_tools() {
  local command=''
  local -a flags commands valued
  case $service in
${programs.map(programCase).join('')}  esac
  _arguments -s -S $flags
}
`;
}

function programCase({ name, flags, commands }: ShownProgram): string {
  const all = [...flags, ...commands.flatMap((command) => command.flags)];
  const valued = all.flatMap(({ names, value }) => (value === undefined ? [] : names));
  return `    (${name})
      flags=(
${specsOf(flags)}      )
${commands.length === 0 ? '' : commandCases(commands, valued)}      ;;
`;
}

function commandCases(commands: readonly ShownCommand[], valued: readonly string[]): string {
  const cases = commands.map(({ name, flags, operands }) => {
    const action =
      operands === undefined ? '' : `          ${word(`*:${messageOf(operands)}:${actionOf(operands)}`)}\n`;
    return `        (${name})
          flags+=(
${specsOf(flags)}${action}          )
          ;;
`;
  });
  return `      commands=(
${commands.map(({ name, does }) => `        ${word(`${name}:${does}`)}\n`).join('')}      )
      valued=(${[...new Set(valued)].join(' ')})
      _glance_cache_command
      flags+=('1:command:{_describe -t commands command commands}')
      case $command in
${cases.join('')}      esac
`;
}

function specsOf(flags: readonly ShownFlag[]): string {
  return flags.flatMap((flag) => flag.names.map((name) => `        ${word(specOf(flag, name))}\n`)).join('');
}

/** As _arguments takes it: what it excludes, the flag, its description, and its value. */
function specOf({ names, does, value }: ShownFlag, name: string): string {
  const described = `[${does.replaceAll(/[\\[\]:]/g, '\\$&')}]`;
  const before = value?.isRepeatable === true ? '*' : `(${names.join(' ')})`;
  if (value === undefined) return `${before}${name}${described}`;
  const join = name.startsWith('--') ? '=' : '+';
  return `${before}${name}${join}${described}:${escaped(value.metavar)}:${actionOf(value.values)}`;
}

function messageOf(values: Values): string {
  return values.kind === 'images' ? 'image ID' : values.kind === 'commands' ? 'command' : ' ';
}

function actionOf(values: Values): string {
  switch (values.kind) {
    case 'words':
      return `(${values.words.join(' ')})`;
    case 'images':
      return `{_glance_cache_images ${values.sources.join(' ')}}`;
    case 'file':
      return '_files';
    case 'folder':
      return '_files -/';
    case 'commands':
      return '{_describe -t commands command commands}';
    case 'any':
      return ' ';
  }
}

function escaped(text: string): string {
  return text.replaceAll(':', '\\:');
}

/** One word, whatever is in it. */
function word(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

/** What is the same whatever the programs have. */
const MACHINE = `# The command that stands on the line.
_glance_cache_command() {
  local i word
  for ((i = 2; i < CURRENT; i++)); do
    word=\${(Q)words[i]}
    if (( \${valued[(Ie)$word]} )); then
      (( i++ ))
    elif [[ $word != -* ]]; then
      command=$word
      return
    fi
  done
}

# The IDs of images that are on this node: asked for without a question, a network or a wait.
_glance_cache_images() {
  local word flag='' source
  local -a config ids
  for word in "\${(@Q)words[2,CURRENT-1]}"; do
    if [[ -n $flag ]]; then
      config+=($flag $word)
      flag=''
      continue
    fi
    case $word in
      (${SOURCE_FLAGS.join('|')}) flag=$word ;;
      (${SOURCE_FLAGS.map((name) => `${name}=*`).join('|')}) config+=($word) ;;
      (${REMOTE_FLAGS.map((name) => `${name}*`).join('|')}) return 1 ;;
    esac
  done
  for source in $@; do
    ids+=(\${(f)"$(command glance-cache-manage $config completion ids:$source </dev/null 2>/dev/null)"})
  done
  # Without those that stand on the line already.
  ids=(\${ids:|words})
  local -a expl
  _wanted image-ids expl 'image ID' compadd -a ids
}
`;
