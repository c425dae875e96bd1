/**
 * JSON from servers: of any shape, whatever the documentation says. Whoever reads a field gets it with the type asked
 * for, or not at all.
 */
import { RemoteError } from '../errors/cache-error.ts';

/** An object of JSON whose fields are not known. */
export type JsonObject = Readonly<Record<string, unknown>>;

/**
 * An answer that must be an object.
 *
 * @param what what was attempted, such as `list the versions of Keystone`
 * @throws RemoteError REMOTE_ANSWER when it is none
 */
export function parseJsonObject(text: string, what: string): JsonObject {
  const value = jsonObjectOf(text);
  if (value !== undefined) return value;
  // Neither the text nor what the parser says about it, which quotes it: it may hold a token.
  throw new RemoteError('REMOTE_ANSWER', `Cannot ${what}: the answer is no JSON object`, {
    hint: 'It must be the URL of the service itself, not of a login page or of another service: openstack catalog list',
  });
}

/** The object that a text is in JSON; undefined where it is none. */
export function jsonObjectOf(text: string): JsonObject | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isJsonObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

/** Whether a value is an object, neither a list nor null. */
export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A field that is text; undefined when it is something else or missing. */
export function stringIn(object: JsonObject, name: string): string | undefined {
  const value = fieldOf(object, name);
  return typeof value === 'string' ? value : undefined;
}

/** A field that is a number; undefined when it is something else or missing. */
export function numberIn(object: JsonObject, name: string): number | undefined {
  const value = fieldOf(object, name);
  return typeof value === 'number' ? value : undefined;
}

/** A field that is an object; undefined when it is something else or missing. */
export function objectIn(object: JsonObject, name: string): JsonObject | undefined {
  const value = fieldOf(object, name);
  return isJsonObject(value) ? value : undefined;
}

/** The objects in a field that is a list; what else is in it is passed over. Empty when it is no list. */
export function objectsIn(object: JsonObject, name: string): readonly JsonObject[] {
  return arrayIn(object, name).filter(isJsonObject);
}

/** A field that is a list; empty when it is something else or missing. */
export function arrayIn(object: JsonObject, name: string): readonly unknown[] {
  const value = fieldOf(object, name);
  return Array.isArray(value) ? value : [];
}

/** Names may come from users: `constructor` is a field of every object, but none that was sent. */
function fieldOf(object: JsonObject, name: string): unknown {
  return Object.hasOwn(object, name) ? object[name] : undefined;
}
