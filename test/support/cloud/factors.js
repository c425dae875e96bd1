// What proves to Keystone who somebody is: password, passcode, token, application credential, one or several of them.
import { randomBytes } from 'node:crypto';

/**
 * Who logs in with the parts of a login, as Keystone looks at them: each must be right, and all for one user.
 *
 * @returns `prove`, which gives the user, undefined for nobody; the application credential, where there is one; the
 * methods; and a receipt where the user needs more of them
 */
export function createFactors({ users, applicationCredentials, resolve }) {
  const receipts = new Map();

  const provers = {
    password: ({ user }) => users.find((one) => isMeant(user, one) && one.password === user.password),
    totp: ({ user }) => users.find((one) => isMeant(user, one) && spends(one.passcodes, user.passcode)),
    token: ({ id }) => resolve(id)?.user,
    application_credential: (data) => users.find(({ id }) => id === credentialOf(data)?.userId),
  };

  function credentialOf(data) {
    return applicationCredentials.find(({ id, name, userId, secret }) => {
      const owner = users.find((user) => user.id === userId);
      const isNamed = data.id === id || (data.name === name && isMeant(data.user, owner));
      return isNamed && data.secret === secret;
    });
  }

  function prove(identity, receipt) {
    const proved = identity.methods.map((method) => provers[method]?.(identity[method]));
    const [user] = proved;
    if (user === undefined || proved.some((other) => other !== user)) return {};
    const earlier = receipt === undefined ? { user, methods: [] } : receipts.get(receipt);
    if (earlier?.user !== user) return {};
    const inherited = identity.methods.includes('token') ? resolve(identity.token.id).methods : [];
    const methods = [...new Set([...identity.methods, ...inherited, ...earlier.methods])];
    const { rules = [] } = user;
    if (rules.length > 0 && !rules.some((rule) => rule.every((method) => methods.includes(method)))) {
      return { user, methods, lacking: lackingOf(user, methods) };
    }
    const data = identity.application_credential;
    return { user, methods, application: data === undefined ? undefined : credentialOf(data) };
  }

  function lackingOf(user, methods) {
    const receipt = `receipt-${randomBytes(24).toString('base64url')}`;
    receipts.set(receipt, { user, methods });
    const { id, name, domain } = user;
    // Keystone leaves out the rules of which nothing was proved.
    const required = user.rules.filter((rule) => rule.some((method) => methods.includes(method)));
    return { receipt, body: { receipt: { methods, user: { id, name, domain } }, required_auth_methods: required } };
  }

  return { prove };
}

/** A passcode is good for one login: https://www.rfc-editor.org/rfc/rfc6238#section-5.2 */
function spends(passcodes = [], passcode = undefined) {
  const at = passcodes.indexOf(passcode);
  if (at >= 0) passcodes.splice(at, 1);
  return at >= 0;
}

/** Whether a name or an ID, as logins give them, is that of this user or project. */
export function isMeant(given, candidate) {
  if (given?.id !== undefined) return given.id === candidate?.id;
  const domain = given?.domain;
  const isDomain =
    domain !== undefined && (domain.id === candidate?.domain.id || domain.name === candidate?.domain.name);
  return isDomain && given.name === candidate?.name;
}
