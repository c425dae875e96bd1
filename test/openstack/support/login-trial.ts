import { mkdtempSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import type { GlanceClient } from './api.ts';
import { type ConfSections, confText } from './conf-text.ts';
import { type TestImage, uploadImages } from './images.ts';
import { giveToGlance } from './made-cache.ts';
import { runOurs, SILENT_SUCCESS } from './on-node.ts';
import { expectCached } from './prefetch.ts';
import type { ProgramName, ProgramOptions } from './programs.ts';
import type { RunResult } from './run.ts';
import type { GlanceNode } from './stack-info.ts';
import type { Stack } from './use-stack.ts';

/** Where a run has its credentials from. Nothing but this is in its environment. */
export interface Place {
  readonly env?: Readonly<Record<string, string>>;
  readonly args?: readonly string[];
  /** Comes after the node's own configuration. */
  readonly conf?: ConfSections;
}

/** Tries credentials: with each one image is fetched into the cache of a node, and leaves it again. */
export class LoginTrial {
  readonly node: GlanceNode;
  readonly image: TestImage;
  private readonly client: GlanceClient;
  private readonly folder: string;
  private files = 0;

  private constructor(
    { node, client, folder }: { readonly node: GlanceNode; readonly client: GlanceClient; readonly folder: string },
    image: TestImage,
  ) {
    this.node = node;
    this.client = client;
    this.folder = folder;
    this.image = image;
  }

  /** Starts a node to fetch into, and uploads the image. */
  static async start(stack: Stack): Promise<LoginTrial> {
    const node = await stack.startGlanceNode({ workers: 1 });
    const client = await stack.connect(node);
    const [image] = (await uploadImages(client, [100_000])) as [TestImage];
    const folder = mkdtempSync(join(stack.stateDir, 'login-'));
    giveToGlance(folder, 0o755);
    return new LoginTrial({ node, client, folder }, image);
  }

  /** Fetches the image; as Glance's user unless told otherwise. */
  async run(
    place: Place,
    as: ProgramOptions['as'] = 'glance',
    options: Pick<ProgramOptions, 'input' | 'onTerminal'> = {},
  ): Promise<RunResult> {
    return this.runProgram('glance-cache-prefetcher', ['--image', this.image.id], { place, as, options });
  }

  /** Runs any program with credentials; as Glance's user unless told otherwise. */
  async runProgram(
    name: ProgramName,
    args: readonly string[],
    {
      place,
      as = 'glance',
      options = {},
    }: {
      readonly place: Place;
      readonly as?: ProgramOptions['as'];
      readonly options?: Pick<ProgramOptions, 'input' | 'onTerminal'>;
    },
  ): Promise<RunResult> {
    const { env, flags } = this.given(place);
    return runOurs(this.node, name, [...args, ...flags], { ...options, as, env });
  }

  /** Credentials as variables, and as flags that may follow any command. */
  given({ env = {}, args = [], conf }: Place): {
    readonly env: Readonly<Record<string, string>>;
    readonly flags: readonly string[];
  } {
    const confs = conf === undefined ? [] : ['--config-file', this.file('extra.conf', confText(conf))];
    return { env, flags: [...confs, ...args] };
  }

  /** Demands that the image is fetched, silently. */
  async expectFetched(place: Place, as?: ProgramOptions['as']): Promise<void> {
    expect(await this.run(place, as)).toMatchObject(SILENT_SUCCESS);
    await this.takeFetched();
  }

  /** Demands that the image has been fetched, and takes it out of the cache again. */
  async takeFetched(): Promise<void> {
    expectCached(this.node, this.image);
    await this.client.deleteCachedImage(this.image.id);
  }

  /** Writes a file for one run, readable for everybody, and returns its path. */
  file(name: string, text: string): string {
    this.files += 1;
    const path = join(this.folder, `${this.files}-${name}`);
    writeFileSync(path, text);
    return path;
  }

  /** Writes clouds.yaml and secure.yaml with one cloud called "test"; returns the variables that tell where they are. */
  clouds(cloud: object, secure: object = {}): Record<string, string> {
    // A text of JSON is one of YAML as well.
    return {
      OS_CLIENT_CONFIG_FILE: this.file('clouds.yaml', JSON.stringify({ clouds: { test: cloud } })),
      OS_CLIENT_SECURE_FILE: this.file('secure.yaml', JSON.stringify({ clouds: { test: secure } })),
    };
  }
}

/** Options of keystoneauth as flags. */
export function authFlags(values: Readonly<Record<string, string>>): readonly string[] {
  return Object.entries(values).flatMap(([name, value]) => [`--os-${name.replaceAll('_', '-')}`, value]);
}

/** Options of keystoneauth as environment variables. */
export function authVariables(values: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [`OS_${name.toUpperCase()}`, value]));
}
