import type { Account, StackInfo } from './stack-info.ts';

/** An account's credentials, as an openrc file exports them; admin's unless told otherwise. */
export function openrc(stack: StackInfo, account: Account = stack.accounts.admin): Record<string, string> {
  return {
    OS_AUTH_URL: stack.keystoneUrl,
    OS_USERNAME: account.name,
    OS_PASSWORD: account.password,
    OS_PROJECT_NAME: account.project,
    OS_USER_DOMAIN_ID: 'default',
    OS_PROJECT_DOMAIN_ID: 'default',
    OS_REGION_NAME: stack.region,
  };
}
