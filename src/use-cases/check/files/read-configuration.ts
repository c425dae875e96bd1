/**
 * Reads the configuration of a node three times over: as this toolkit reads it, as glance-api does, and what is meant for
 * the cache programs alone. Files may be broken or missing: that is what a check is to tell.
 */
import { existsSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type { ConfigError } from '../../../errors/cache-error.ts';
import type { ConfFile } from '../../../settings/conf-file.ts';
import type { LoadRequest } from '../../../settings/load.ts';
import { LenientReader } from '../../../settings/read-leniently.ts';
import { resolveSettings, type Settings } from '../../../settings/resolve.ts';
import { type ConfigSource, findSources } from '../../../settings/search.ts';
import type { FileView } from '../file-view.ts';
import { findPasteFile, type PasteSource } from './find-paste-file.ts';
import { CHECKED_OPTIONS } from './glance-api-options.ts';

/** Everything that the files of a node say. */
export interface Configuration {
  /** As the programs of this toolkit see it, flags and environment included. */
  readonly settings: Settings;
  readonly glanceApi: FileView | undefined;
  readonly cachePrograms: FileView | undefined;
  /** All files, with what of them could be understood. */
  readonly files: readonly ConfFile[];
  /** What has kept files, folders and lines from being read. */
  readonly problems: readonly ConfigError[];
  readonly paste: PasteSource;
}

/** Reads the configuration of a call. Never throws for what is wrong with it. */
export function readConfiguration(request: LoadRequest): Configuration {
  const reader = new LenientReader();
  const viewOf = (sources: readonly ConfigSource[], isOwn: RegExp): FileView | undefined => {
    const files = reader.filesOf(sources);
    const paths = files.map(({ path }) => path);
    const ownFile = paths.findLast((path) => isOwn.test(basename(path))) ?? paths.at(-1);
    if (ownFile === undefined) return undefined;
    return { settings: resolveSettings({ flags: [], env: {}, files }, CHECKED_OPTIONS), files: paths, ownFile };
  };
  const { flags, env } = request;
  const files = reader.filesOf(findSources(request));
  const apiSources = sourcesOfGlanceApi(request);
  const glanceApi = viewOf(apiSources, /api/i);
  return {
    settings: resolveSettings({ flags, env, files }, CHECKED_OPTIONS),
    glanceApi,
    cachePrograms: viewOf(sourcesOfCachePrograms(request), /cache/i),
    paste: findPasteFile(request, glanceApi, apiSources),
    files: reader.files,
    problems: reader.problems,
  };
}

const isForCache = ({ kind, path }: ConfigSource): boolean => kind === 'file' && /cache/i.test(basename(path));
const isForApi = ({ kind, path }: ConfigSource): boolean => kind === 'file' && /api/i.test(basename(path));

/**
 * Of files that were named, glance-api reads those whose names do not speak of a cache; if there is none, its own lies
 * beside them or nobody knows where.
 * https://github.com/openstack/glance/blob/master/glance/common/wsgi_app.py
 */
function sourcesOfGlanceApi(request: LoadRequest): readonly ConfigSource[] {
  const program = 'glance-api';
  const lastFile = request.sources.findLast(({ kind }) => kind === 'file');
  if (lastFile === undefined) return findSources({ ...request, program }, ['glance', program]);
  const sources = request.sources.filter((source) => !isForCache(source));
  if (sources.some(({ kind }) => kind === 'file')) return findSources({ ...request, program, sources });
  const [named = lastFile] = findSources({ ...request, sources: [lastFile] }).slice(-1);
  const beside = join(dirname(named.path), `${program}.conf`);
  if (!existsSync(beside)) return [];
  return findSources({ ...request, program, sources: [{ kind: 'file', path: beside }, ...sources] });
}

/** Of files that were named, the cache programs' are those whose names do not speak of the API. */
function sourcesOfCachePrograms(request: LoadRequest): readonly ConfigSource[] {
  const sources = request.sources.filter((source) => !isForApi(source));
  if (!request.sources.some(({ kind }) => kind === 'file')) return findSources(request, ['glance', 'glance-cache']);
  return sources.some(({ kind }) => kind === 'file') ? findSources({ ...request, sources }) : [];
}
