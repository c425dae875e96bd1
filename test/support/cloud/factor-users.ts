import type { CloudUser } from './cloud.js';

const domain = { id: 'default', name: 'Default' };

/** The cloud's admin, with passcodes or with rules about what a login takes. */
export function adminWith(changes: Pick<CloudUser, 'passcodes' | 'rules'>): CloudUser {
  return {
    id: 'user-glance',
    name: 'glance',
    password: 'open sesame',
    domain,
    projects: [{ id: 'project-service', name: 'service', domain, roles: ['admin', 'service'] }],
    ...changes,
  };
}

/** Both password and passcode. */
export const BOTH = [['password', 'totp']] as const;
