/**
 * The whole environment of every program that is started here, as cron would give it. Nothing is inherited: a proxy, a
 * private Python, an `OS_*` variable or a coloured terminal of whoever runs the tests must not decide their outcome.
 */
export function systemEnvironment(homeDir: string): Record<string, string> {
  return { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', HOME: homeDir, LANG: 'C.UTF-8' };
}
