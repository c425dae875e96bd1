/**
 * Whether glance-api caches at all: what its paste file makes of the flavor.
 */

import { shellWord } from '../../../errors/next-step.ts';
import { type PasteFile, parsePasteFile } from '../../../plan/check/paste-file.ts';
import {
  appName,
  filterNamed,
  flavorsIn,
  lookAtPipeline,
  type PipelineLook,
} from '../../../plan/check/paste-pipeline.ts';
import { quoteValue } from '../../../settings/quote-value.ts';
import { changeOf } from '../change-of.ts';
import type { FileView } from '../file-view.ts';
import type { Change, CheckFinding } from '../finding.ts';
import { makeFinding } from '../make-finding.ts';
import type { PasteSource } from './find-paste-file.ts';
import { GLANCE_API_OPTIONS } from './glance-api-options.ts';
import { nearestWord } from './nearest-word.ts';
import type { Configuration } from './read-configuration.ts';
import { usableValue } from './usable-value.ts';

/** What there is to say of the paste file, and of the pipeline in it. */
export function findPipelineFaults({ glanceApi, paste }: Configuration): readonly CheckFinding[] {
  if (glanceApi === undefined || paste.kind === 'unknown') return [];
  if (paste.kind !== 'read') return [noPasteFile(paste)];
  const file = parsePasteFile(paste.text);
  const flavor = usableValue(glanceApi.settings, GLANCE_API_OPTIONS.flavor) ?? '';
  const look = lookAtPipeline(file, flavor);
  const facts: Facts = { glanceApi, path: paste.path, file, flavor };
  return [...faultsOf(facts), ...relativePath(facts, paste.isRelative), ...judged(facts, look)];
}

interface Facts {
  readonly glanceApi: FileView;
  readonly path: string;
  readonly file: PasteFile;
  readonly flavor: string;
}

function noPasteFile(paste: Exclude<PasteSource, { kind: 'read' | 'unknown' }>): CheckFinding {
  if (paste.kind === 'unreadable') {
    return makeFinding({
      check: 'paste-file-not-read',
      severity: 'warning',
      message: `The paste file ${quoteValue(paste.path)} cannot be read: ${paste.reason}`,
      reason: 'Nobody can tell here whether glance-api caches at all',
      command: 'sudo glance-cache-manage check',
    });
  }
  const { name, folders, isNamed } = paste;
  const where = folders.length === 0 ? '' : `, not in ${folders.join(', ')}`;
  return makeFinding({
    check: 'paste-file-missing',
    // Its packages may start glance-api with files that nobody has named here.
    severity: isNamed && folders.length === 0 ? 'error' : 'warning',
    message: `The paste file ${quoteValue(name)} is not there${where}`,
    reason: isNamed
      ? 'glance-api does not start without it'
      : 'glance-api does not start without it, unless its unit names other configuration files: then name those here, with --config-file',
    command: 'ps -o args= -C glance-api; systemctl cat "*glance-api*"',
  });
}

/** Python reads nothing of a file with a fault. */
function faultsOf({ file, path }: Facts): readonly CheckFinding[] {
  return file.faults.map(({ line, reason }) =>
    makeFinding({
      check: 'paste-file-broken',
      severity: 'error',
      message: `${path}:${line}: the line cannot be read: ${reason}`,
      reason: 'glance-api does not start with it',
      command: `sed -n ${line}p ${shellWord(path)}`,
    }),
  );
}

function relativePath({ glanceApi, path }: Facts, isRelative: boolean): readonly CheckFinding[] {
  if (!isRelative) return [];
  return [
    makeFinding({
      check: 'paste-file-relative',
      severity: 'warning',
      message: `[paste_deploy] config_file is no absolute path; ${quoteValue(path)} is taken for it here`,
      reason: 'glance-api looks for it in the folder that it is started in, whatever its manual says',
      change: changeOf(glanceApi.settings, GLANCE_API_OPTIONS.pasteFile, path, glanceApi.ownFile),
    }),
  ];
}

function judged(facts: Facts, look: PipelineLook): readonly CheckFinding[] {
  switch (look.kind) {
    case 'absent':
      return [absent(facts)];
    case 'broken':
      return [
        makeFinding({
          check: 'pipeline-broken',
          severity: 'error',
          message: `${facts.path}:${look.line}: the pipeline of ${flavorText(facts)} cannot be put together: ${look.reason}`,
          reason: 'glance-api does not start with it',
        }),
      ];
    case 'pipeline':
      return judgedFilters(facts, look);
  }
}

function absent(facts: Facts): CheckFinding {
  const { path, file, flavor } = facts;
  const flavors = flavorsIn(file);
  const known = flavors.length === 0 ? 'none' : flavors.map((name) => (name === '' ? '(none)' : name)).join(', ');
  return makeFinding({
    check: 'flavor-unknown',
    severity: 'error',
    message: `${path} has no application ${quoteValue(appName(flavor))}, which ${flavorText(facts)} selects; its flavors are ${known}`,
    reason: 'glance-api does not start with it',
    change: betterFlavor(facts, flavor.split('+')) ?? nearFlavor(facts, flavors),
  });
}

function judgedFilters(facts: Facts, look: Extract<PipelineLook, { kind: 'pipeline' }>): readonly CheckFinding[] {
  const kinds = look.filters.map(({ kind }) => kind);
  const at = kinds.indexOf('cache');
  if (at < 0) return [withoutCache(facts, look)];
  const context = kinds.indexOf('context');
  if (context < at) return [];
  return [
    makeFinding({
      check: 'cache-before-context',
      severity: 'error',
      message: `${facts.path}:${look.list?.line ?? 1}: the cache filter stands before the filter that makes the context of a request`,
      reason: 'It asks the context who may download, so each download of a cached image fails',
      change: look.list === undefined ? undefined : moved(facts, look.list, look.filters[at]?.name ?? ''),
    }),
  ];
}

function moved({ path }: Pick<Facts, 'path'>, list: NonNullable<ListOf>, cache: string): Change {
  const others = list.names.filter((name) => name !== cache);
  return {
    file: path,
    line: list.line,
    text: `${list.key} = ${[...others.slice(0, -1), cache, ...others.slice(-1)].join(' ')}`,
  };
}

type ListOf = Extract<PipelineLook, { kind: 'pipeline' }>['list'];

/** Nothing is ever put into the cache then, and nothing served from it: whatever else is right is in vain. */
function withoutCache(facts: Facts, look: Extract<PipelineLook, { kind: 'pipeline' }>): CheckFinding {
  const { path } = facts;
  const names = look.filters.map(({ name }) => name);
  const hasManagement = look.filters.some(({ kind }) => kind === 'cachemanage');
  const unknown = [...look.opaque, ...look.filters.filter(({ kind }) => kind === 'unknown').map(({ name }) => name)];
  const where = look.list === undefined ? path : `${path}:${look.list.line}`;
  if (unknown.length > 0) {
    return makeFinding({
      check: 'cache-not-seen-in-pipeline',
      severity: 'warning',
      message: `${where}: the pipeline of ${flavorText(facts)} has no cache filter that could be seen here`,
      reason: `What is described elsewhere may be one: ${unknown.join(', ')}`,
    });
  }
  const change = betterFlavor(facts, names) ?? betterPipeline(facts, look.list);
  return makeFinding({
    check: 'cache-not-in-pipeline',
    severity: 'error',
    message: `${where}: the pipeline of ${flavorText(facts)} has no cache filter${hasManagement ? ', only cache management' : ''}`,
    reason: 'glance-api puts nothing into the cache and serves nothing from it, whatever is prefetched',
    change,
  });
}

function flavorText({ flavor }: Facts): string {
  return flavor === '' ? 'no flavor' : `flavor ${quoteValue(flavor)}`;
}

function nearFlavor({ glanceApi, flavor }: Facts, flavors: readonly string[]): Change | undefined {
  const near = nearestWord(flavor, flavors);
  return near === undefined
    ? undefined
    : changeOf(glanceApi.settings, GLANCE_API_OPTIONS.flavor, near, glanceApi.ownFile);
}

/** The flavor with a cache that has the most of what is wanted, and the least beyond it. */
function betterFlavor({ glanceApi, file, flavor }: Facts, wanted: readonly string[]): Change | undefined {
  let best: { readonly flavor: string; readonly missing: number; readonly extra: number } | undefined;
  for (const candidate of new Set(flavorsIn(file))) {
    const look = lookAtPipeline(file, candidate);
    if (look.kind !== 'pipeline' || !look.filters.some(({ kind }) => kind === 'cache')) continue;
    const names = [...look.filters.map(({ name }) => name), ...candidate.split('+')];
    const missing = wanted.filter((name) => !names.some((has) => has === name || has.startsWith(name))).length;
    const extra = look.filters.length;
    if (best === undefined || missing < best.missing || (missing === best.missing && extra < best.extra)) {
      best = { flavor: candidate, missing, extra };
    }
  }
  // Whoever leaves out who asks opens the cloud to everybody: a flavor that does so is not proposed.
  if (best === undefined || best.missing > 0 || best.flavor === flavor) return undefined;
  return changeOf(glanceApi.settings, GLANCE_API_OPTIONS.flavor, best.flavor, glanceApi.ownFile);
}

/** The list with the cache filter before the application. */
function betterPipeline({ file, path }: Facts, list: ListOf): Change | undefined {
  const cache = filterNamed(file, 'cache');
  if (cache === undefined || list === undefined) return undefined;
  return moved({ path }, list, cache);
}
