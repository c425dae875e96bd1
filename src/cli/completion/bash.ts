/**
 * The completion for bash, with the package bash-completion and without it.
 */
import { REMOTE_FLAGS, type ShownFlag, type ShownProgram, SOURCE_FLAGS, type Values } from './describe-programs.ts';
import { headOf } from './head.ts';

/** The script. */
export function bashScript(programs: readonly ShownProgram[]): string {
  const names = programs.map(({ name }) => name);
  return [
    headOf('bash', names, [
      'For all users, where the package bash-completion is installed:',
      '  glance-cache-manage completion bash | sudo tee /etc/bash_completion.d/glance-cache-tools >/dev/null',
      'For yourself, with that package or without it, a line in ~/.bashrc:',
      '  source <(glance-cache-manage completion bash)',
    ]),
    describeFunction(programs),
    valueFunction(programs),
    MACHINE,
    `complete -F _glance_cache_tools ${names.join(' ')}\n`,
  ].join('\n');
}

/** Sets what a program has, and one of its commands. */
function describeFunction(programs: readonly ShownProgram[]): string {
  const cases = programs.map(({ name, flags, commands }) => {
    const all = [...flags, ...commands.flatMap((command) => command.flags)];
    const valued = all.filter(({ value }) => value !== undefined);
    const inner = commands.flatMap((command) => {
      const sets = [
        ...(command.flags.length === 0 ? [] : [`flags+=${quoted(` ${namesOf(command.flags)}`)}`]),
        ...(kindOf(command.operands) === '' ? [] : [`operands=${quoted(kindOf(command.operands))}`]),
      ];
      return sets.length === 0 ? [] : [`            ${command.name}) ${sets.join(' ')} ;;\n`];
    });
    return `    ${name})
        flags=${quoted(namesOf(flags))}
        valued=${quoted(` ${namesOf(valued)} `)}
        commands=${quoted(commands.map((command) => command.name).join(' '))}
${inner.length === 0 ? '' : `        case $2 in\n${inner.join('')}        esac\n`}        ;;
`;
  });
  return `__glance_cache_describe() {
    flags='' valued='' commands='' operands=''
    case $1 in
${cases.join('')}    esac
}
`;
}

/** Sets the kind of the values of a flag. */
function valueFunction(programs: readonly ShownProgram[]): string {
  const flagsByKind = new Map<string, Set<string>>();
  for (const { name, flags, commands } of programs) {
    for (const { names, value } of [...flags, ...commands.flatMap((command) => command.flags)]) {
      const kind = kindOf(value?.values);
      if (kind === '') continue;
      const known = flagsByKind.get(kind) ?? new Set();
      for (const flag of names) known.add(`${name}:${flag}`);
      flagsByKind.set(kind, known);
    }
  }
  const cases = Array.from(
    flagsByKind,
    ([kind, flags]) => `        ${[...flags].join(' |\\\n            ')})
            kind=${quoted(kind)}
            ;;
`,
  );
  return `__glance_cache_value() {
    kind=''
    case $1:$2 in
${cases.join('')}    esac
}
`;
}

function namesOf(flags: readonly ShownFlag[]): string {
  return [...new Set(flags.flatMap(({ names }) => names))].join(' ');
}

/** Values as one text; an empty one where nobody can tell. */
function kindOf(values: Values | undefined): string {
  switch (values?.kind) {
    case 'words':
      return `words ${values.words.join(' ')}`;
    case 'images':
      return `images ${values.sources.join(' ')}`;
    case 'file':
    case 'folder':
    case 'commands':
      return values.kind;
    case 'any':
    case undefined:
      return '';
  }
}

function quoted(text: string): string {
  return `'${text.trim() === '' ? '' : text.replaceAll("'", "'\\''")}'`;
}

/** What is the same whatever the programs have. */
const MACHINE = `# The IDs of images that are on this node: asked for without a question, a network or a wait.
__glance_cache_images() {
    local source
    [[ -n $remote ]] && return
    for source in "$@"; do
        command glance-cache-manage \${config[@]+"\${config[@]}"} completion "ids:$source" </dev/null 2>/dev/null
    done
}

# Offers what a kind of values stands for.
__glance_cache_offer() {
    local what=\${1#* } id
    case $1 in
        'words '*) COMPREPLY=($(compgen -P "$prefix" -W "$what" -- "$current")) ;;
        commands) COMPREPLY=($(compgen -W "$commands" -- "$current")) ;;
        'images '*)
            COMPREPLY=($(compgen -P "$prefix" -W "$(__glance_cache_images $what)" -- "$current"))
            # Those that stand on the line already; with very many that would take too long.
            ((\${#COMPREPLY[@]} > 1000)) && return
            local left=()
            for id in \${COMPREPLY[@]+"\${COMPREPLY[@]}"}; do
                [[ " \${before[*]} " == *" $id "* ]] || left+=("$id")
            done
            COMPREPLY=(\${left[@]+"\${left[@]}"})
            ;;
        file) compopt -o default 2>/dev/null ;;
        folder) compopt -o dirnames 2>/dev/null ;;
    esac
}

_glance_cache_tools() {
    local program=\${1##*/} command='' flag='' current='' prefix='' remote='' kind='' word i
    local flags valued commands operands
    local line=() before=() config=()
    COMPREPLY=()
    # bash takes "=" for a word of its own: "--format=json" is put together again.
    for ((i = 1; i <= COMP_CWORD; i++)); do
        word=\${COMP_WORDS[i]}
        if ((\${#line[@]} > 0)) && [[ ($word == '=' && \${line[\${#line[@]}-1]} == --*) || \${line[\${#line[@]}-1]} == --*= ]]; then
            line[\${#line[@]}-1]+=$word
        else
            line+=("$word")
        fi
    done
    current=\${line[\${#line[@]}-1]}
    before=("\${line[@]:0:\${#line[@]}-1}")

    __glance_cache_describe "$program" ''
    for word in \${before[@]+"\${before[@]}"}; do
        # Without its quotes, as far as they are simple.
        word=\${word//[\\"\\'\\\\]/}
        if [[ -n $flag ]]; then
            case $flag in
                ${SOURCE_FLAGS.join(' | ')}) config+=("$flag" "$word") ;;
                ${REMOTE_FLAGS.join(' | ')}) remote=1 ;;
            esac
            flag=''
            continue
        fi
        case $word in
            ${SOURCE_FLAGS.map((name) => `${name}=*`).join(' | ')}) config+=("$word") ;;
            ${REMOTE_FLAGS.map((name) => (name.startsWith('--') ? `${name}=*` : `${name}?*`)).join(' | ')}) remote=1 ;;
            -*) [[ $valued == *" $word "* ]] && flag=$word ;;
            *) [[ -z $command ]] && command=$word ;;
        esac
    done
    [[ -n $commands ]] && __glance_cache_describe "$program" "$command"

    if [[ -z $flag && $current == --*=* ]]; then
        flag=\${current%%=*}
        current=\${current#*=}
        # Where the word on the line is only what follows "=", only that is replaced.
        [[ \${COMP_WORDS[COMP_CWORD]} == --*=* ]] && prefix=$flag=
    fi
    if [[ -n $flag ]]; then
        __glance_cache_value "$program" "$flag"
        __glance_cache_offer "$kind"
    elif [[ $current == -* ]]; then
        COMPREPLY=($(compgen -W "$flags" -- "$current"))
    elif [[ -n $commands && -z $command ]]; then
        __glance_cache_offer commands
    else
        __glance_cache_offer "$operands"
    fi
}
`;
