/**
 * Options that must say the same to glance-api and to the cache programs, and do not.
 */
import { resolve } from 'node:path';
import { shellWord } from '../../../errors/next-step.ts';
import type { Option } from '../../../settings/option.ts';
import { OPTIONS } from '../../../settings/options.ts';
import { quoteValue } from '../../../settings/quote-value.ts';
import { describeOrigin, type Settings } from '../../../settings/resolve.ts';
import { storeFolders } from '../../../settings/store-folders.ts';
import { changeOf } from '../change-of.ts';
import type { FileView } from '../file-view.ts';
import type { CheckFinding, Severity } from '../finding.ts';
import { makeFinding } from '../make-finding.ts';
import { driverWritten } from './driver.ts';
import type { Configuration } from './read-configuration.ts';
import { usable, usableValue } from './usable-value.ts';
import { withoutComment } from './without-comment.ts';

/** An option both sides read. */
interface Shared {
  readonly check: string;
  readonly option: Option<string | number>;
  readonly severity: Severity;
  readonly reason: string;
  /** The driver that uses the option; every one unless given. */
  readonly driver?: string;
  /** Spellings of the same value become one. */
  readonly same?: (text: string) => string;
}

const asPath = (text: string): string => resolve('/', text);

const SHARED: readonly Shared[] = [
  {
    check: 'cache-dir-differs',
    option: OPTIONS.imageCacheDir,
    severity: 'error',
    reason: 'What these programs prune, clean and prefetch is not the cache that glance-api serves from',
    same: asPath,
  },
  {
    check: 'driver-differs',
    option: OPTIONS.imageCacheDriver,
    severity: 'error',
    reason: 'Both keep hits and times in different places, so each sees the images of the other as strangers',
    same: (text) => text.toLowerCase(),
  },
  {
    check: 'sqlite-db-differs',
    option: OPTIONS.imageCacheSqliteDb,
    severity: 'error',
    reason: 'Both keep hits and times in different files, so each sees the images of the other as strangers',
    driver: 'sqlite',
  },
  {
    check: 'worker-url-differs',
    option: OPTIONS.workerSelfReferenceUrl,
    severity: 'error',
    reason: 'The rows of this node are not found by another URL, to the letter',
    driver: 'centralized_db',
  },
  {
    check: 'database-differs',
    option: OPTIONS.databaseConnection,
    severity: 'error',
    reason: 'The rows of the images are looked for in another database than that of glance-api',
    driver: 'centralized_db',
  },
  {
    check: 'lock-path-differs',
    option: OPTIONS.lockPath,
    severity: 'warning',
    reason: 'A lock keeps nobody out who looks for it elsewhere',
    same: asPath,
  },
  {
    check: 'max-size-differs',
    option: OPTIONS.imageCacheMaxSize,
    severity: 'warning',
    reason: 'Releases that prune on request (Image API 2.18) prune to the size that glance-api has',
  },
  {
    check: 'stall-time-differs',
    option: OPTIONS.imageCacheStallTime,
    severity: 'warning',
    reason: 'Releases that clean on request (Image API 2.18) go by the time that glance-api has',
  },
];

/** A finding for each option. */
export function findDisagreements({ settings, glanceApi, cachePrograms }: Configuration): readonly CheckFinding[] {
  if (glanceApi === undefined) return [];
  const views: Views = { settings, glanceApi, ownFile: cachePrograms?.ownFile };
  const driver = usableValue(settings, OPTIONS.imageCacheDriver);
  return [
    ...SHARED.filter((shared) => shared.driver === undefined || shared.driver === driver).flatMap((shared) =>
      compared(views, shared),
    ),
    ...storesCompared(views),
  ];
}

interface Views {
  readonly settings: Settings;
  readonly glanceApi: FileView;
  readonly ownFile: string | undefined;
}

function compared({ settings, glanceApi, ownFile }: Views, shared: Shared): readonly CheckFinding[] {
  const { check, option, severity, reason, same = (text) => text } = shared;
  const [ours, theirs] = [settings, glanceApi.settings].map((view) => textOf(view, option));
  // What is set nowhere, or to nothing, is for other checks to tell.
  if (ours === undefined || theirs === undefined || theirs === '') return [];
  if (same(ours) === same(theirs)) return [];
  const [ourOrigin, theirOrigin] = [settings.origin(option), glanceApi.settings.origin(option)];
  // A driver that glance-api's files do not name depends on its release, and in capitals it is none; a lock path follows
  // the cache directory.
  if (option === OPTIONS.imageCacheDriver && driverWritten(glanceApi.settings) !== theirs) return [];
  const isTheirsSet = theirOrigin.kind !== 'default';
  if (ourOrigin.kind === 'default' && !isTheirsSet) return [];
  const [oursFrom, theirsFrom] = [describeOrigin(ourOrigin), describeOrigin(theirOrigin)];
  const isSecret = option.secret === true;
  // What somebody has chosen is to stay, and what nobody has chosen to follow it.
  const change = isTheirsSet
    ? changeOf(settings, option, isSecret ? `(as in ${theirsFrom})` : theirs, ownFile)
    : changeOf(glanceApi.settings, option, ours, glanceApi.ownFile);
  return [
    makeFinding({
      check,
      severity: isTheirsSet ? severity : 'note',
      message: isSecret
        ? `[${option.group}] ${option.name} is one here (${oursFrom}), and another for glance-api (${theirsFrom})`
        : `${option.name} is ${quoteValue(ours)} here (${oursFrom}), and ${quoteValue(theirs)} for glance-api (${theirsFrom})`,
      reason,
      change,
      // The line is told, but no command could have the secret in it.
      command: isSecret && change !== undefined ? `sudoedit ${shellWord(change.file)}` : undefined,
    }),
  ];
}

/** A comment behind a value has a finding of its own, and is no other value. */
function textOf(settings: Settings, option: Option<string | number>): string | undefined {
  const value = usableValue(settings, option);
  return value === undefined ? undefined : withoutComment(String(value));
}

/** The prefetcher takes from the store what it finds there, and downloads the rest. */
function storesCompared({ settings, glanceApi, ownFile }: Views): readonly CheckFinding[] {
  const [ours, theirs] = [settings, glanceApi.settings].map((view) => usable(() => storeFolders(view)));
  if (ours === undefined || theirs === undefined) return [];
  const missed = theirs.filter((folder) => !ours.some((known) => asPath(known) === asPath(folder)));
  const [first] = missed;
  if (first === undefined) return [];
  const hasBackends = usableValue(glanceApi.settings, OPTIONS.enabledBackends) !== undefined;
  return [
    makeFinding({
      check: 'file-store-differs',
      severity: 'warning',
      message: `The file store of glance-api in ${missed.map(quoteValue).join(', ')} is not known here`,
      reason: 'The prefetcher downloads over HTTP what it could copy or share within the file system',
      // With several stores it takes more than a line.
      change: hasBackends ? undefined : changeOf(settings, OPTIONS.filesystemStoreDatadir, first, ownFile),
    }),
  ];
}
