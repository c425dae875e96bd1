// A cloud in a process of its own: `node serve.js '{"images": [...]}'` prints its URLs as one line of JSON, and runs until
// its standard input ends, that is, no longer than whoever started it.
import { startCloud } from './cloud.js';

const cloud = await startCloud(JSON.parse(process.argv[2] ?? '{}'));
const { keystoneUrl, glanceUrl } = cloud;
console.log(JSON.stringify({ keystoneUrl, glanceUrl }));
process.stdin.on('end', () => cloud.close()).resume();
