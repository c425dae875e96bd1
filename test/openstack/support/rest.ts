/** A call of an OpenStack API. */
export interface RestCall {
  readonly method?: string;
  readonly token?: string;
  /** Sent as JSON. */
  readonly json?: unknown;
  /** Sent as it is. */
  readonly bytes?: Uint8Array<ArrayBuffer>;
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
}

/** Makes one call, whatever its status. */
export async function call(url: string, { method, token, json, bytes, headers, signal }: RestCall): Promise<Response> {
  const body = json === undefined ? bytes : JSON.stringify(json);
  return fetch(url, {
    method: method ?? 'GET',
    headers: {
      // A server that was restarted must not meet a connection kept from its former life.
      connection: 'close',
      ...(token === undefined ? {} : { 'x-auth-token': token }),
      ...(body === undefined
        ? {}
        : { 'content-type': json === undefined ? 'application/octet-stream' : 'application/json' }),
      ...headers,
    },
    ...(body === undefined ? {} : { body }),
    ...(signal === undefined ? {} : { signal }),
  });
}

/** Makes one call that has to succeed. */
export async function callOrThrow(url: string, options: RestCall): Promise<Response> {
  const response = await call(url, options);
  if (!response.ok) {
    throw new Error(`Cannot ${options.method ?? 'GET'} ${url}: status ${response.status}\n${await response.text()}`);
  }
  return response;
}

/** Makes one call that has to succeed, and returns its JSON, taken to be what the API documents. */
export async function callForJson<T>(url: string, options: RestCall): Promise<T> {
  return (await (await callOrThrow(url, options)).json()) as T;
}
