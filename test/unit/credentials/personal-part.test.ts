import { describe, expect, test } from 'vitest';
import { personalPartOf } from '../../../src/credentials/personal-part.ts';

describe('personalPartOf()', () => {
  test.each([
    ['v3oidcdeviceauthz', {}, 'device'],
    ['v3oidcauthcode', { code: 'c' }, 'device'],
    ['v3totp', { passcode: '123456' }, 'passcode'],
    ['v3multifactor', {}, 'passcode'],
    ['v3multifactor', { auth_methods: 'password,totp' }, 'passcode'],
    ['v3multifactor', { auth_methods: 'v3password,v3token' }, undefined],
    ['v3oidcpassword', { idp_otp_key: 'totp' }, 'passcode'],
    ['v3oidcpassword', {}, undefined],
    ['v3oidcclientcredentials', {}, undefined],
    ['password', {}, undefined],
    ['http_basic', {}, undefined],
  ])('tells of %s with %j', (authType, auth, part) => {
    expect(personalPartOf({ authType, auth })).toBe(part);
  });
});
