import type { Span } from './span.ts';

/**
 * Finds what is written like a secret: a server's answer, or a library's message, may hold secrets that no setting
 * names. In doubt more is masked, save in prose: "Cannot get a token: connection refused" must keep its reason.
 * Repetitions before a value are bounded, so that a long text costs little more than its length.
 */

// Only the end of a name counts: `os_password`, `--os-auth-token`, `X-Subject-Token`, `adminPass`. A path such as
// `/etc/passwd` is not one.
const NAME = `(?<!/)(?:${[
  'pass(?:word|wd|phrase|code)',
  '(?:admin|user|auth|new|[_-]|\\b)pass',
  'pswd',
  'secret(?:[_-]?(?:uuid|key))?',
  'token',
  '(?:api|private|access|fernet|encryption|encrypted|ssl)[_-]?key',
].join('|')})[0-9]{0,4}`;

const QUOTED = String.raw`\\"([^"\\]*)|u?"((?:[^"\\]|\\.)*)|u?'((?:[^'\\]|\\.)*)`;

// Up to the next blank, for a password may hold any other character. What opens an object or a list is no value: the
// values inside have names of their own.
const BARE = String.raw`(?![{\[]["'{\s])(\S+)`;

const BLANKS = String.raw`\s{0,8}`;

// Values are looked at, not consumed (`?=`): a value may be another name with its own value.
const PATTERNS: readonly RegExp[] = [
  // password=x, password = "x", password => 'x'
  new RegExp(`${NAME}${BLANKS}=>?${BLANKS}(?=${QUOTED}|${BARE})`, 'dgi'),
  // "password": "x", 'password': 1, also escaped within a string, and in a list of arguments: '--os-password', 'x'
  new RegExp(`${NAME}\\\\?["']${BLANKS}[:=,]${BLANKS}(?=${QUOTED}|([^\\s"'{[,}\\]][^\\s,}\\]]*))`, 'dgi'),
  // password:x, password: "x", password 'x'; not "password: x", which is prose
  new RegExp(`${NAME}(?::(?=${BARE})|:?\\s{1,8}(?=${QUOTED}))`, 'dgi'),
  // X-Auth-Token: x; and a line of YAML or of a form: password: x
  new RegExp(`(?:\\bx-[\\w-]{0,64}token|^[ \\t-]{0,64}[\\w-]{0,64}${NAME})${BLANKS}:\\s{1,8}(?=${BARE})`, 'dgim'),
  // --os-password x; not what a hint has in place of one, which stays to be read
  new RegExp(`--[\\w-]{0,64}${NAME}\\s{1,8}(?!(?:VALUE|PASSCODE)(?:[\\s;]|$))(?=${BARE})`, 'dgi'),
  // <password>x</password>
  new RegExp(`${NAME}>(?=([^<]+))`, 'dgi'),
  // Headers whose value is more than one word: `Authorization: Basic dXNlcg==`, `Set-Cookie: a=b; c=d`
  /(?:authorization|cookie)\\?["']?\s{0,8}[:=]\s{0,8}(?=([^\r\n]+))/dgi,
  /\bbearer\s{1,8}(?=(\S{8,}))/dgi,
  // `://user:password@host`, up to the last `@` and over slashes, which a password may hold
  /:\/\/[^\s/?#:@]{0,256}:(?=([^\s"'<>]{1,1024})@)/dgi,
];

function firstGroup(match: RegExpExecArray): Span | undefined {
  const place = match.indices?.slice(1).find((group: [number, number] | undefined) => group !== undefined);
  return place === undefined ? undefined : { start: place[0], end: place[1] };
}

/** The parts of a text that are written like secrets, without the quotes around them. */
export function guessedSecretSpans(text: string): Span[] {
  const spans: Span[] = [];
  for (const pattern of PATTERNS) {
    for (const match of text.matchAll(pattern)) {
      const span = firstGroup(match);
      if (span !== undefined && span.start < span.end) spans.push(span);
    }
  }
  return spans;
}
