/**
 * The configuration of a node, as a test writes it: read from real files, since where they lie decides who reads them.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { FlagValue } from '../../../../src/settings/load.ts';
import { type Configuration, readConfiguration } from '../../../../src/use-cases/check/files/read-configuration.ts';
import type { CheckFinding } from '../../../../src/use-cases/check/finding.ts';
import { XENA } from '../../../support/paste-files.ts';
import { useTempDir } from '../../../support/temp-dir.ts';

/** The content of files, by their names; undefined for one that is not there. */
export interface NodeFiles {
  readonly api?: string | undefined;
  readonly cache?: string | undefined;
  /** That of release Xena unless given. */
  readonly paste?: string | undefined;
  readonly env?: Readonly<Record<string, string>>;
  readonly flags?: readonly FlagValue[];
}

/** A node of a test's own. */
export interface Node {
  /** Writes files, and reads them as check does. */
  read(files: NodeFiles): Configuration;
  /** The path of a file. */
  path(name: string): string;
}

/** A fresh node for every test of a file. */
export function useNode(): Node {
  const dir = useTempDir();
  const path = (name: string): string => join(dir(), name);
  return {
    path,
    read({ env = {}, flags = [], ...files }) {
      const { api, cache, paste } = { paste: XENA, ...files };
      const sources = [
        ['glance-api.conf', api],
        ['glance-cache.conf', cache],
      ] as const;
      for (const [name, text] of [...sources, ['glance-api-paste.ini', paste] as const]) {
        if (text !== undefined) writeFileSync(path(name), text);
      }
      return readConfiguration({
        program: 'glance-cache-manage',
        env,
        flags,
        homeDir: path('home'),
        cwd: dir(),
        sources: sources.flatMap(([name, text]) => (text === undefined ? [] : { kind: 'file', path: path(name) })),
      });
    },
  };
}

/** Findings in short: name, severity, and what the line should say. */
export function inShort(findings: readonly CheckFinding[]): readonly (string | undefined)[][] {
  return findings.map(({ check, severity, change }) => [check, severity, change?.text]);
}
