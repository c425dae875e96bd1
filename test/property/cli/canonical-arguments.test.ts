import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { canonicalArguments } from '../../../src/cli/canonical-arguments.ts';
import { flagName, spellingsOf } from '../../../src/cli/flag.ts';
import { MANAGE } from '../../../src/cli/manage.ts';
import { commandFlags } from '../../../src/cli/parse-arguments.ts';
import type { OptionFlags } from '../../../src/settings/option.ts';

const FLAGS: readonly OptionFlags[] = [
  ...MANAGE.groups.flatMap(({ flags, options }) => [...flags, ...options.flatMap((option) => option.flags ?? [])]),
  ...commandFlags(MANAGE),
];

/** A value that cannot be taken for a flag. */
const value = fc.string({ unit: 'grapheme' }).filter((text) => !text.startsWith('-'));

const anyFlag = fc.constantFrom(...FLAGS);

const canonicalArgument = fc.oneof(
  value.map((operand) => [operand]),
  fc.tuple(anyFlag, value, fc.boolean()).map(([flag, text, isStuck]) => {
    if (flag.metavar === undefined) return [flagName(flag)];
    return isStuck ? [`${flagName(flag)}=${text}`] : [flagName(flag), text];
  }),
);

describe('canonicalArguments()', () => {
  test('changes nothing of arguments that are canonical already', () => {
    fc.assert(
      fc.property(fc.array(canonicalArgument), fc.array(fc.string()), (args, rest) => {
        const given = [...args.flat(), '--', ...rest];
        expect(canonicalArguments(given, FLAGS)).toEqual(given);
      }),
    );
  });

  test('comes to the same whatever spelling of a flag is given, and however its value', () => {
    const spelled = anyFlag.chain((flag) =>
      fc.record({ flag: fc.constant(flag), spelling: fc.constantFrom(...spellingsOf(flag)), value }),
    );
    fc.assert(
      fc.property(spelled, ({ flag, spelling, value: text }) => {
        const name = flagName(flag);
        if (flag.metavar === undefined) {
          expect(canonicalArguments([spelling], FLAGS)).toEqual([name]);
          return;
        }
        expect(canonicalArguments([spelling, text], FLAGS)).toEqual([name, text]);
        if (spelling.startsWith('--'))
          expect(canonicalArguments([`${spelling}=${text}`], FLAGS)).toEqual([`${name}=${text}`]);
        else if (text !== '') expect(canonicalArguments([`${spelling}${text}`], FLAGS)).toEqual([`${name}=${text}`]);
      }),
    );
  });

  test('changes nothing the second time', () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.oneof(
            fc.string(),
            anyFlag.chain((flag) => fc.constantFrom(...spellingsOf(flag))),
            value,
          ),
        ),
        (args) => {
          let once: readonly string[];
          try {
            once = canonicalArguments(args, FLAGS);
          } catch {
            // A flag without its value: refused, as it should be.
            return;
          }
          expect(canonicalArguments(once, FLAGS)).toEqual(once);
        },
      ),
    );
  });
});
