/**
 * A login that lasts for a run: one token, renewed when it is about to end or was refused.
 */

/** What a request to Glance needs. */
export interface Access {
  /** Headers that identify the caller. They go to the endpoint's origin only. */
  readonly headers: Readonly<Record<string, string>>;
  /** Where Glance is: ends in `/v2`. */
  readonly imageEndpoint: string;
  /** Whether the token has an admin role, so that an image it is not shown does not exist. */
  readonly isAdmin: boolean;
}

/** Holds the token of a run. */
export interface Session {
  /**
   * Logs in, unless there is a token that lasts.
   *
   * @throws AuthError, RemoteError, ConfigError CONFIG_CREDENTIALS or CONFIG_ENDPOINT; the signal's reason
   */
  access(signal: AbortSignal): Promise<Access>;
  /**
   * After a 401: a new access, or the present one when the refused one has been replaced meanwhile.
   *
   * @param url what was asked; Glance's endpoint unless given
   * @throws as {@link access}; AuthError AUTH_REFUSED where nothing can be renewed
   */
  renewed(refused: Access, signal: AbortSignal, url?: string): Promise<Access>;
}
