// What both services answer with.

/** JSON. */
export function sendJson(response, status, value, headers = {}) {
  const body = JSON.stringify(value);
  response.writeHead(status, {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(body),
    ...headers,
  });
  response.end(body);
}

/** An error as Keystone tells it. */
export function sendKeystoneError(response, status, message) {
  sendJson(response, status, { error: { code: status, message, title: 'Error' } });
}

/** An error as Glance tells it: a page. */
export function sendGlanceError(response, status, message) {
  const title = `${status} Error`;
  const body = `<html>\n <head>\n  <title>${title}</title>\n </head>\n <body>\n  <h1>${title}</h1>\n  ${message}<br /><br />\n\n\n </body>\n</html>`;
  response.writeHead(status, { 'content-type': 'text/html; charset=UTF-8', 'content-length': Buffer.byteLength(body) });
  response.end(body);
}
