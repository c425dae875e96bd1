import { beforeEach, describe, expect, test } from 'vitest';
import { Rights, type RightsHolder } from '../../../src/cli/rights.ts';
import { thrownBy } from '../../support/thrown.ts';

const GLANCE = { uid: 64_062, gid: 64_063 };

let calls: string[];

/** A process that records what is done to its rights, and holds to the rules of the kernel. */
function holder(euid: number, more: Partial<RightsHolder> = {}): RightsHolder {
  const state = { euid, egid: euid };
  const mayChange = (): void => {
    if (state.euid !== 0) throw Object.assign(new Error('EPERM'), { code: 'EPERM', syscall: 'setegid' });
  };
  return {
    geteuid: () => state.euid,
    getegid: () => state.egid,
    seteuid(user) {
      calls.push(`seteuid ${user}`);
      // Root may become anybody, and whoever was root may become root again.
      if (user !== 0) mayChange();
      state.euid = user;
    },
    setegid(group) {
      calls.push(`setegid ${group}`);
      mayChange();
      state.egid = group;
    },
    setgroups(groups) {
      calls.push(`setgroups ${groups.join(',')}`);
      mayChange();
    },
    initgroups(user, group) {
      calls.push(`initgroups ${user} ${group}`);
      mayChange();
    },
    umask(mask) {
      calls.push(`umask ${mask.toString(8)}`);
      return 0o022;
    },
    ...more,
  };
}

beforeEach(() => {
  calls = [];
});

test('Rights.user is whom the process acts as, now', () => {
  const rights = new Rights(holder(0));
  expect(rights.user).toBe(0);
  rights.takeThoseOf(GLANCE);
  expect(rights.user).toBe(GLANCE.uid);
});

describe('Rights.takeThoseOf()', () => {
  test('takes groups before the group, and the group before the user, when it is root', () => {
    const rights = new Rights(holder(0));
    rights.takeThoseOf(GLANCE);
    expect(calls).toEqual(['initgroups 64062 64063', 'setegid 64063', 'seteuid 64062']);
    expect([rights.isRoot, rights.hasSteppedDown]).toEqual([false, true]);
  });

  test('takes the one group when the owner is not in the user database', () => {
    const unknownUser = (): never => {
      calls.push('initgroups');
      throw Object.assign(new Error('User identifier does not exist'), { code: 'ERR_UNKNOWN_CREDENTIAL' });
    };
    new Rights(holder(0, { initgroups: unknownUser })).takeThoseOf(GLANCE);
    expect(calls).toEqual(['initgroups', 'setgroups 64063', 'setegid 64063', 'seteuid 64062']);
  });

  test.each([
    ['it is not root', 1000, GLANCE],
    ['it is the owner already', GLANCE.uid, GLANCE],
    ['owner and group are root', 0, { uid: 0, gid: 0 }],
  ])('changes nothing when %s', (_when, euid, owner) => {
    const rights = new Rights(holder(euid));
    rights.takeThoseOf(owner);
    expect([calls, rights.hasSteppedDown]).toEqual([[], false]);
  });

  test('takes the group alone when the folder is of root and of a group that works in it', () => {
    const rights = new Rights(holder(0));
    rights.takeThoseOf({ uid: 0, gid: 5 });
    expect([calls, rights.isRoot, rights.hasSteppedDown]).toEqual([['setegid 5'], true, false]);
  });

  test('fails, and has not become the user, when the group cannot be taken', () => {
    const rights = new Rights(
      holder(0, {
        setegid: () => {
          throw new Error('EPERM');
        },
      }),
    );
    thrownBy(() => rights.takeThoseOf(GLANCE));
    expect(calls).toEqual(['initgroups 64062 64063']);
    expect(rights.isRoot).toBe(true);
  });
});

describe('Rights.withOriginal()', () => {
  test('is root for one call, and the owner again afterwards, even when the call throws', () => {
    const rights = new Rights(holder(0));
    rights.takeThoseOf(GLANCE);
    calls = [];
    expect(rights.withOriginal(() => rights.isRoot)).toBe(true);
    expect(rights.isRoot).toBe(false);
    thrownBy(() =>
      rights.withOriginal(() => {
        throw new Error('fault');
      }),
    );
    expect(rights.isRoot).toBe(false);
    expect(calls.slice(0, 4)).toEqual(['seteuid 0', 'setegid 0', 'setegid 64063', 'seteuid 64062']);
    expect(calls.slice(4)).toEqual(calls.slice(0, 4));
  });

  test('changes nothing when it has not stepped down', () => {
    expect(new Rights(holder(1000)).withOriginal(() => 7)).toBe(7);
    expect(calls).toEqual([]);
  });
});

describe('Rights.setUmask()', () => {
  test('makes files 0640 and folders 0750', () => {
    new Rights(holder(1000)).setUmask();
    expect(calls).toEqual(['umask 27']);
  });
});

describe('Rights.takeBack()', () => {
  test('becomes root first, then takes its groups, and may step down again', () => {
    const rights = new Rights(holder(0, { getgroups: () => [0, 4] }));
    rights.takeThoseOf(GLANCE);
    calls = [];
    rights.takeBack();
    expect(calls).toEqual(['seteuid 0', 'setegid 0', 'setgroups 0,4']);
    expect([rights.isRoot, rights.hasSteppedDown]).toEqual([true, false]);
    calls = [];
    rights.takeThoseOf(GLANCE);
    expect(calls).toEqual(['initgroups 64062 64063', 'setegid 64063', 'seteuid 64062']);
    expect(rights.hasSteppedDown).toBe(true);
  });

  test('takes the group back that root had when the cache is of root and another group', () => {
    const rights = new Rights(holder(0, { getgroups: () => [0] }));
    rights.takeThoseOf({ uid: 0, gid: 7 });
    calls = [];
    rights.takeBack();
    expect(calls).toEqual(['setegid 0']);
  });

  test('changes nothing for anybody else, nor before anything was given up', () => {
    const other = new Rights(holder(1000));
    other.takeThoseOf(GLANCE);
    other.takeBack();
    new Rights(holder(0)).takeBack();
    const ofRoot = new Rights(holder(0));
    ofRoot.takeThoseOf({ uid: 0, gid: 0 });
    // Within a user namespace it may not set groups, not even to what they are.
    ofRoot.takeBack();
    expect(calls).toEqual([]);
  });
});
