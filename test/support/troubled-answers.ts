/**
 * Answers of HTTP with something wrong: in the status, the headers, the body, or in what the body says.
 */
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { ESCAPES, HOSTILE_NAMES } from './hostile-text.ts';

const MIB = 1024 * 1024;

const strange = fc.oneof(
  fc.constantFrom<unknown>(
    null,
    true,
    0,
    -1,
    1e308,
    2 ** 53,
    '',
    [],
    {},
    [[]],
    { __proto__: null },
    'x'.repeat(50_000),
  ),
  fc.constantFrom<unknown>(
    ...ESCAPES,
    ...HOSTILE_NAMES,
    '\0',
    'active',
    'queued',
    'deleted',
    'sha1',
    'md5',
    'shake128',
  ),
  fc.constantFrom<unknown>(
    'http://127.0.0.1:1/',
    'file:///etc/passwd',
    'javascript:x',
    'http://[',
    '//x',
    'http://a b',
  ),
  fc.jsonValue(),
);

/** Another value somewhere in a value of JSON. */
function replaced(value: unknown, [step, ...way]: readonly number[], other: unknown): unknown {
  if (step === undefined || typeof value !== 'object' || value === null) return other;
  const entries = Object.entries(value);
  const [key] = entries[step % Math.max(1, entries.length)] ?? [];
  if (key === undefined) return other;
  const inner = replaced((value as Readonly<Record<string, unknown>>)[key], way, other);
  if (Array.isArray(value)) return value.map((item: unknown, place) => (String(place) === key ? inner : item));
  return Object.fromEntries(entries.map((entry) => (entry[0] === key ? [key, inner] : entry)));
}

/** A body, given what it would be. */
type Spoil = (text: string) => Uint8Array;

const DEEP = 100_000;
const bytesOf = (text: string): Buffer => Buffer.from(text);
const spoil: fc.Arbitrary<Spoil> = fc.oneof(
  { weight: 4, arbitrary: fc.constant<Spoil>(bytesOf) },
  fc.constantFrom<Spoil>(
    () => bytesOf(`${'['.repeat(DEEP)}${']'.repeat(DEEP)}`),
    () => bytesOf(`${'{"token":'.repeat(DEEP)}1${'}'.repeat(DEEP)}`),
    () => bytesOf(`{"error":${'{"error":'.repeat(DEEP)}1${'}'.repeat(DEEP)}}`),
    (text) => bytesOf(text.replace('{', '{"__proto__":{"token":{}},"constructor":1,"toString":null,')),
    (text) => bytesOf(text.replace('{', '{"id":"x","id":"y","token":1,"images":2,"size":3,')),
    (text) => gzipSync(text),
    () => gzipSync(Buffer.alloc(16 * MIB)),
    () => Buffer.alloc(0),
    () => Buffer.alloc(200_000),
    () => Buffer.alloc(200_000, 0xff),
    () => bytesOf('\ufeff{}'),
  ),
  fc.tuple(fc.nat(), fc.nat(255)).map(
    ([at, byte]): Spoil =>
      (text) =>
        bytesOf(text).fill(byte, at % Math.max(1, text.length), (at % Math.max(1, text.length)) + 1),
  ),
  fc.nat().map(
    (at): Spoil =>
      (text) =>
        bytesOf(text).subarray(0, at % Math.max(1, text.length)),
  ),
  fc.uint8Array({ maxLength: 2000 }).map(
    (bytes): Spoil =>
      () =>
        bytes,
  ),
  fc.constantFrom(...ESCAPES).map(
    (text): Spoil =>
      () =>
        bytesOf(`<html><head>x</head>${text}</html>`),
  ),
  fc.constantFrom(...ESCAPES).map(
    (text): Spoil =>
      () =>
        bytesOf(JSON.stringify({ error: { message: text }, message: text })),
  ),
);

const headers = fc.array(
  fc.oneof(
    fc.constantFrom(
      'Content-Length: 5',
      'Content-Length: 99999999999999999999',
      'Content-Length: -1',
      'Content-Length: 1, 2',
      'Transfer-Encoding: chunked',
      'Transfer-Encoding: gzip, x',
      'Content-Encoding: gzip',
      'Content-Encoding: br, gzip, deflate',
      'Content-Type: text/html; charset=utf-16',
      'Retry-After: -5',
      'Retry-After: 99999999999999999999999',
      'Retry-After: Wed, 99 Foo 9999 99:99:99 GMT',
      'Retry-After: \x1b[31m',
      'Content-Range: bytes 0-99999/100000',
      'Content-Range: bytes 5-1/2',
      'Content-Range: bytes 0-99999/*',
      'Content-Range: bytes 50000-99999/100000',
      'Location: http://127.0.0.1:1/',
      'Location: file:///etc/passwd',
      'Location: javascript:alert(1)',
      'Location: //evil.example/',
      'Location: /v3/auth/tokens',
      'Location: \x9b31m',
      'Location: http://[',
      'X-Subject-Token: gAAAA-a-token',
      'X-Subject-Token: a\tb',
      `X-Subject-Token: ${'t'.repeat(8000)}`,
      'X-Subject-Token: \xff\xfe',
      'X-Openstack-Request-Id: req-\x9b31m',
      `X-Long: ${'x'.repeat(100_000)}`,
      `${'X-Many: y\r\n'.repeat(3000)}X-Last: z`,
      'Content-MD5: d41d8cd98f00b204e9800998ecf8427e',
      'Set-Cookie: a=b',
      'Date: yesterday',
      'no colon',
      ' folded',
      'X-Nul: \0',
    ),
    fc.string({ unit: 'binary-ascii', maxLength: 30 }),
  ),
  { maxLength: 3 },
);

const status = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom('200 OK', '201 Created', '206 Partial Content', '404 Not Found') },
  fc.integer({ min: 100, max: 999 }).map((code) => `${code} Whatever`),
  fc.constantFrom(
    '0 Zero',
    '1000 Thousand',
    '200',
    '200 \x1b[31m',
    'two',
    '300 Choices',
    '302 Found',
    '503 Busy',
    '101 Up',
  ),
);

/** What is wrong with an answer. */
export interface Trouble {
  readonly status: string;
  readonly headers: readonly string[];
  readonly tellsLength: boolean;
  readonly spoil: Spoil;
  readonly change: { readonly way: readonly number[]; readonly other: unknown } | null;
}

/** Any trouble. */
export const trouble: fc.Arbitrary<Trouble> = fc.record({
  status,
  headers,
  tellsLength: fc.boolean(),
  spoil,
  change: fc.option(fc.record({ way: fc.array(fc.nat(10), { maxLength: 5 }), other: strange })),
});

/**
 * The bytes of an answer.
 *
 * @param well what its JSON would say if nothing was wrong with it
 */
export function troubledAnswer(
  { status: line, headers: more, tellsLength, spoil: make, change }: Trouble,
  well: unknown,
): Buffer {
  const body = make(JSON.stringify(change === null ? well : replaced(well, change.way, change.other)));
  const lines = [`HTTP/1.1 ${line}`, ...more, ...(tellsLength ? [`Content-Length: ${body.length}`] : [])];
  return Buffer.concat([Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1'), body]);
}
