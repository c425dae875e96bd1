// A Glance that serves one image of any size under any ID, as fast as Node can send: `node image-server.js SIZE_BYTES`
// prints its port, and runs until its standard input ends. No login: for OS_AUTH_TYPE=none.
import { createHash } from 'node:crypto';
import { createServer } from 'node:http';

const BLOCK_BYTES = 1024 * 1024;
const sizeBytes = Number(process.argv[2]);
const block = Buffer.alloc(BLOCK_BYTES, 'an image of no particular content, ');

function* blocks(fromBytes) {
  for (let at = fromBytes; at < sizeBytes; ) {
    const start = at % BLOCK_BYTES;
    const end = Math.min(BLOCK_BYTES, start + sizeBytes - at);
    yield start === 0 && end === BLOCK_BYTES ? block : block.subarray(start, end);
    at += end - start;
  }
}

const hash = createHash('sha512');
for (const chunk of blocks(0)) hash.update(chunk);
const sha512 = hash.digest('hex');

function describe(id) {
  return JSON.stringify({
    id,
    name: 'bench',
    status: 'active',
    size: sizeBytes,
    os_hash_algo: 'sha512',
    os_hash_value: sha512,
    checksum: null,
  });
}

function sendFile(request, response) {
  const from = Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1] ?? 0);
  response.writeHead(request.headers.range === undefined ? 200 : 206, {
    'content-type': 'application/octet-stream',
    'content-length': sizeBytes - from,
    'content-range': `bytes ${from}-${sizeBytes - 1}/${sizeBytes}`,
  });
  const rest = blocks(from);
  const go = () => {
    for (let next = rest.next(); next.done !== true; next = rest.next()) {
      if (!response.write(next.value)) {
        response.once('drain', go);
        return;
      }
    }
    response.end();
  };
  go();
}

const server = createServer((request, response) => {
  const [, id, what] = /^\/v2\/images\/([0-9a-f-]{36})(\/file)?$/.exec(request.url) ?? [];
  if (id === undefined) response.writeHead(404).end();
  else if (what === '/file') sendFile(request, response);
  else response.writeHead(200, { 'content-type': 'application/json' }).end(describe(id));
});
server.listen(0, '127.0.0.1', () => console.log(server.address().port));
process.stdin.on('end', () => process.exit()).resume();
