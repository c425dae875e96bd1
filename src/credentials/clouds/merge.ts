/**
 * Mappings of clouds.yaml laid over each other.
 */
import type { YamlMap, YamlValue } from '../read-yaml.ts';

/** Whether a value is a mapping. */
export function isMap(value: YamlValue | undefined): value is YamlMap {
  return value instanceof Map;
}

/** Two mappings as one, at all depths; of two other values the second counts. So secure.yaml goes over clouds.yaml. */
export function mergeDeep(base: YamlMap, over: YamlMap): YamlMap {
  const merged = new Map(base);
  for (const [key, value] of over) {
    const below = merged.get(key);
    merged.set(key, isMap(below) && isMap(value) ? mergeDeep(below, value) : value);
  }
  return merged;
}

/** Two mappings as one, where only `auth` is merged: so a cloud goes over its profile, and a region over its cloud. */
export function mergeCloud(base: YamlMap, over: YamlMap): YamlMap {
  const auth = [base.get('auth'), over.get('auth')] as const;
  const merged = new Map([...base, ...over]);
  if (isMap(auth[0]) && isMap(auth[1])) merged.set('auth', new Map([...auth[0], ...auth[1]]));
  return merged;
}

/** A mapping with underscores for the dashes in its keys, at all depths. */
export function withUnderscores(map: YamlMap): YamlMap {
  return new Map([...map].map(([key, value]) => [key.replaceAll('-', '_'), respelled(value)]));
}

function respelled(value: YamlValue): YamlValue {
  if (isMap(value)) return withUnderscores(value);
  return Array.isArray(value) ? value.map(respelled) : value;
}
