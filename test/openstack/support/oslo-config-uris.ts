import fc from 'fast-check';
import { soup } from './oslo-config-documents.ts';

/** URIs that are right or wrong in one place, and some that are wrong throughout. */

function joined(tokens: readonly string[], maxLength: number): fc.Arbitrary<string> {
  return fc.array(fc.constantFrom(...tokens), { maxLength }).map((found) => found.join(''));
}

const scheme = fc.constantFrom(...'http http http https HTTP hTtps file h2+x.y- ftp 1a é'.split(' '), '');
const separator = fc.constantFrom(...':// :// :// :// :// :// : :/ :/// //'.split(' '), ':\\\\');
const user = fc.constantFrom('', '', '', '', ...'u@ u:p@ u%41@ u%4@ @ a@b@ é@ u:p:q@'.split(' '));
const address = fc.oneof(
  joined([...':: :: : : 1 f ffff FE80 12345 1.2.3.4 999.1.1.1 g %25 % eth0'.split(' '), ' '], 9),
  fc
    .tuple(
      joined(['1:', 'a:'], 8),
      fc.constantFrom('', ':', '::'),
      joined([':2', ':b'], 8),
      fc.constantFrom('', ':1.2.3.4', '1.2.3.4'),
    )
    .map((parts) => parts.join('')),
  fc.ipV6(),
  fc.constantFrom(...'::1 fe80::1%25eth0 fe80::1%eth0 fe80::1%25 fe80::1%2525 v1.a:b V1.a v1. vg.a'.split(' '), ''),
);
const host = fc.oneof(
  fc.constantFrom(...'keystone keystone.example.org a_b 1.2.3 127.0.0.1 256.1.1.1 0001.1.1.1 999.9.9.999'.split(' ')),
  fc.constantFrom(...`%41 %4 * a'b é a" ^ {a} a|b ::1 [::1 ::1]`.split(' '), '', 'a b', 'a\nb'),
  fc.domain(),
  fc.ipV4(),
  address.map((text) => `[${text}]`),
);
const port = fc.constantFrom(
  '',
  '',
  '',
  ...': :80 :5000 :99999 :123456 :x :8_0 :٣ 80'.split(' '),
  ':80\n',
  '\n',
  '\n\n',
);
const rest = fc.oneof(
  fc.constantFrom(...'/ /v3 /v3/ // /%41% \\x \\[ /a[0] /] /?q=[1] ?[ #[ /#a#b'.split(' '), '', '', '/é %', '/a\nb'),
  joined([...'/?#[]%a:@"<^`\u0000', '😀'], 5).map((text) => `/${text}`),
);

/** Texts that are nearly a URI. */
export const uriText: fc.Arbitrary<string> = fc.oneof(
  { arbitrary: fc.tuple(scheme, separator, user, host, port, rest).map((parts) => parts.join('')), weight: 8 },
  { arbitrary: fc.tuple(host, port, rest).map((parts) => `http://${parts.join('')}`), weight: 4 },
  { arbitrary: address.map((text) => `http://[${text}]`), weight: 4 },
  { arbitrary: fc.webUrl({ withFragments: true, withQueryParameters: true }), weight: 1 },
  { arbitrary: soup, weight: 1 },
  { arbitrary: soup.map((text) => `http://${text}`), weight: 2 },
);
