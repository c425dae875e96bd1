// Servers whose certificates cannot be trusted, and the ways to say that they can.
import { expect, test } from 'vitest';
import { idOf } from '../support/cache-fixture.ts';
import { expectRecovery, type PrefetchFixture, QUEUED, usePrefetch } from '../support/prefetch-fixture.ts';
import { failure } from '../support/run-program.ts';
import { type KeyPair, TLS, tlsFile } from '../support/tls.ts';

const prefetch = usePrefetch();

const ONE = idOf('1');

async function queued(keystone: KeyPair | undefined, glance = keystone): Promise<PrefetchFixture> {
  const it = await prefetch({
    images: [{ id: ONE, sizeBytes: 300_000 }],
    tls: { ...(keystone && { keystone }), ...(glance && { glance }) },
  });
  it.queue(ONE);
  return it;
}

const CA = ['--os-cacert', tlsFile('ca.pem')];
const SHOW_IT = 'openssl s_client -connect 127.0.0.1:9 </dev/null';

for (const [what, { pair, args, state, hint }] of Object.entries({
  'is for another name': {
    pair: TLS.wrongName,
    args: CA,
    state: 'its certificate is for DNS:elsewhere.test, not for 127.0.0.1 (ERR_TLS_CERT_ALTNAME_INVALID)',
    hint: `Write the host in the URL as the certificate does, or trust any certificate with --insecure: ${SHOW_IT}`,
  },
  'comes from nobody known': {
    pair: TLS.localhost,
    args: [],
    state: 'its certificate comes from an authority that is not trusted (UNABLE_TO_VERIFY_LEAF_SIGNATURE)',
    hint: 'Name the certificate of that authority with cafile, or trust any with --insecure; for those that this system trusts: <this command> --os-cacert /etc/ssl/certs/ca-certificates.crt',
  },
  'has expired': {
    pair: TLS.expired,
    args: CA,
    state: 'its certificate has expired (CERT_HAS_EXPIRED)',
    hint: `Check the clock of this machine, with "date", and the certificate of the server, or trust any with --insecure: ${SHOW_IT}`,
  },
})) {
  test.concurrent(`the prefetcher ends with 8, having sent no password, when the certificate of Keystone ${what}`, async () => {
    const it = await queued(pair);
    expect(await it.run(args)).toEqual(failure(8, `Cannot get "${it.cloud.keystoneUrl}/": ${state}`, hint));
    expect(it.cloud.requests).toEqual([]);
    expect(it.stateOf(ONE)).toEqual(QUEUED);
    await expectRecovery(it, ONE, ['--insecure']);
  });

  test.concurrent(`the prefetcher ends with 8, having sent no token, when the certificate of Glance ${what}`, async () => {
    const it = await queued(undefined, pair);
    const url = `${it.cloud.glanceUrl}/v2/images/${ONE}`;
    expect(await it.run(args)).toEqual(failure(8, `Cannot get "${url}": ${state}`, hint));
    expect(it.cloud.requests.filter(({ service }) => service === 'glance')).toEqual([]);
    expect(it.stateOf(ONE)).toEqual(QUEUED);
    await expectRecovery(it, ONE, ['--insecure']);
  });
}

test.concurrent('the prefetcher trusts the authority that --os-cacert names', async () => {
  await expectRecovery(await queued(TLS.localhost), ONE, CA);
});

test.concurrent('the prefetcher trusts the authority that OS_CACERT names', async () => {
  const it = await queued(TLS.localhost);
  it.env = { ...it.env, OS_CACERT: tlsFile('ca.pem') };
  await expectRecovery(it, ONE);
});

test.concurrent('the prefetcher identifies itself with --os-cert and --os-key where a server asks for that', async () => {
  const it = await queued({ ...TLS.localhost, ...{ ca: TLS.ca, requestCert: true, rejectUnauthorized: true } });
  const { code, stderr } = await it.run(CA);
  expect(code).toBe(8);
  expect(stderr).toMatch(
    /^ERROR: .*: the server ended the handshake \(ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED\)\nhint: /,
  );
  expect(it.cloud.requests).toEqual([]);
  await expectRecovery(it, ONE, [...CA, '--os-cert', tlsFile('client.pem'), '--os-key', tlsFile('client.key')]);
});

test.concurrent('the prefetcher ends with 3 and hint when the file of --os-cacert is missing', async () => {
  const it = await queued(TLS.localhost);
  const { code, stderr } = await it.run(['--os-cacert', '/nonexistent/ca.pem']);
  expect(code).toBe(3);
  expect(stderr).toMatch(/^ERROR: Cannot .*"\/nonexistent\/ca\.pem".*\nhint: .+\n$/);
  expect(it.cloud.requests).toEqual([]);
});

test.concurrent('the prefetcher ends with 8 when a URL says https and the server speaks HTTP', async () => {
  const it = await queued(undefined);
  const url = it.cloud.keystoneUrl.replace('http:', 'https:');
  const hint = 'Check the port, and whether the URL begins with http://: curl -i http://127.0.0.1:9';
  expect(await it.run([], { env: { OS_AUTH_URL: url } })).toEqual(
    failure(8, `Cannot get "${url}/": it does not speak TLS (ERR_SSL_WRONG_VERSION_NUMBER)`, hint),
  );
  await expectRecovery(it, ONE);
});
