// What the transport loads of undici when it sends its first request. Named here: a bundle gives a package that is
// loaded later as one object, without its names.
export { Agent, buildConnector, Pool, ProxyAgent } from 'undici';
