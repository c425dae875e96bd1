// What the transport loads of undici when it sends its first request: of all of undici that is half, in half the time
// and with 5 MiB less. The package has no smaller entry; the types of its files are declared in `undici-files.d.ts`.
import { setFlagsFromString } from 'node:v8';
import connect from 'undici/lib/api/api-connect.js';
import request from 'undici/lib/api/api-request.js';
import buildConnector from 'undici/lib/core/connect.js';
import Agent from 'undici/lib/dispatcher/agent.js';
import Dispatcher from 'undici/lib/dispatcher/dispatcher.js';
import Pool from 'undici/lib/dispatcher/pool.js';
import ProxyAgent from 'undici/lib/dispatcher/proxy-agent.js';

// As undici does it: these are methods of all dispatchers, which it adds from outside. Its proxies need `connect`.
Object.assign(Dispatcher.prototype, { connect, request });

// undici's parser is WebAssembly. After some answers V8 would translate it once more, into faster code: that takes 36 MiB
// while it lasts (14 with Node 22, 19 with Node 24), and a run that ends meanwhile waits for it. The parser only skips
// what is in a body, so nothing would be gained.
for (const flag of ['--no-wasm-dynamic-tiering', '--no-wasm-tier-up']) setFlagsFromString(flag);

// By name: a bundle gives a package that is loaded later as one object.
export { Agent, buildConnector, Pool, ProxyAgent };
