import { describe, expect, it } from 'vitest';
import { RemoteError } from '../../../src/errors/cache-error.ts';
import { fromNetwork } from '../../../src/http/errors.ts';

// Sockets on a loopback do not fail in these ways.
describe('fromNetwork', () => {
  const attempt = { method: 'POST', url: new URL('https://k:5000/v3?x=1'), proxy: undefined } as const;

  function thrown(code: string, syscall?: string): Error {
    return Object.assign(new Error('as thrown'), { code, ...(syscall === undefined ? {} : { syscall }) });
  }

  it.each([
    ['ENOTFOUND', 'getaddrinfo', 'REMOTE_UNREACHABLE', true],
    ['EAI_AGAIN', 'getaddrinfo', 'REMOTE_UNREACHABLE', true],
    ['EAI_FAIL', 'getaddrinfo', 'REMOTE_UNREACHABLE', true],
    ['EHOSTUNREACH', 'connect', 'REMOTE_UNREACHABLE', true],
    ['ENETUNREACH', 'connect', 'REMOTE_UNREACHABLE', true],
    ['ETIMEDOUT', undefined, 'REMOTE_UNREACHABLE', true],
    ['EPERM', 'connect', 'REMOTE_UNREACHABLE', true],
    ['ECONNRESET', undefined, 'REMOTE_CUT', true],
    ['EPIPE', 'write', 'REMOTE_CUT', true],
    ['EHOSTDOWN', 'read', 'REMOTE_CUT', true],
    ['ERR_ASSERTION', undefined, 'REMOTE_ANSWER', false],
    ['EPROTO', 'write', 'REMOTE_TLS', false],
    ['CERT_NOT_YET_VALID', undefined, 'REMOTE_TLS', false],
    ['CERT_REVOKED', undefined, 'REMOTE_TLS', false],
    ['DEPTH_ZERO_SELF_SIGNED_CERT', undefined, 'REMOTE_TLS', false],
    ['INVALID_PURPOSE', undefined, 'REMOTE_TLS', false],
    ['ERR_SSL_UNSUPPORTED_PROTOCOL', undefined, 'REMOTE_TLS', false],
  ])('tells %s of %s as %s', (code, syscall, expected, isTransient) => {
    const cause = thrown(code, syscall);
    const error = fromNetwork(cause, attempt, 'headers');
    expect(error).toBeInstanceOf(RemoteError);
    expect(error).toMatchObject({
      code: expected,
      isTransient,
      cause,
      details: { url: 'https://k:5000/v3', error: code },
      hint: expect.stringMatching(/^[A-Z].*[^.]$/) as string,
      message: expect.stringMatching(/^Cannot post to "https:\/\/k:5000\/v3": [a-z].*[^.]$/) as string,
    });
  });

  it('returns what is not about the network as it is', () => {
    for (const error of [new Error('bug'), thrown('UND_ERR_INVALID_ARG'), thrown('ERR_ASSERTION'), 'text', undefined]) {
      expect(fromNetwork(error, attempt, 'body')).toBe(error);
    }
  });
});
