/**
 * From the name of an application in a paste file to the filters that a download of an image passes, as PasteDeploy puts
 * them together. Sections count by what they load, whatever they are called.
 * https://docs.pylonsproject.org/projects/pastedeploy/en/latest/
 */
import { type PasteFile, type PasteSection, type PasteValue, pasteValue } from './paste-file.ts';

/** What a filter does, as far as its factory tells; `unknown` where that is elsewhere, in another file or package. */
export type FilterKind = 'cache' | 'cachemanage' | 'context' | 'other' | 'unknown';

/** A filter on the way of a request, in the order in which requests pass. */
export interface FilterUse {
  readonly name: string;
  readonly kind: FilterKind;
}

/** The line that lists filters. */
export interface FilterList {
  readonly line: number;
  /** The name before its `=`: `pipeline`, or the flavor. */
  readonly key: string;
  /** Filters, and the application behind them. */
  readonly names: readonly string[];
}

/** What is found behind the name of an application. */
export type PipelineLook =
  | {
      readonly kind: 'pipeline';
      readonly filters: readonly FilterUse[];
      /** The last list on the way, which a filter can be added to; undefined where there is none. */
      readonly list: FilterList | undefined;
      /** Names of what is described elsewhere, so that nobody can tell here which filters it has. */
      readonly opaque: readonly string[];
    }
  /** The file has no such application; the names are those that it has. */
  | { readonly kind: 'absent' }
  /** glance-api does not start with it; the reason is a part of a sentence. */
  | { readonly kind: 'broken'; readonly line: number; readonly reason: string };

/** What glance-api adds to the name of its application. */
export const APP = 'glance-api';

const APP_KINDS = ['app', 'application', 'composite', 'composit', 'pipeline', 'filter-app'];

/** The request whose way counts: nothing else is served from the cache. */
const DOWNLOAD = '/v2/images/id/file';

/** What is found behind the application that glance-api loads with a flavor; no flavor is the empty one. */
export function lookAtPipeline(file: PasteFile, flavor: string): PipelineLook {
  const name = appName(flavor);
  if (!hasApp(file, name)) return { kind: 'absent' };
  const walk = new Walk(file, flavor);
  try {
    walk.app(name, DOWNLOAD);
  } catch (error) {
    if (error instanceof Broken) return { kind: 'broken', line: error.line, reason: error.message };
    throw error;
  }
  return { kind: 'pipeline', filters: walk.filters, list: walk.list, opaque: walk.opaque };
}

/** The name of the application that glance-api loads with a flavor. */
export function appName(flavor: string): string {
  return flavor === '' ? APP : `${APP}-${flavor}`;
}

/** The flavors that a file has, in its order; the empty one is that without a name. */
export function flavorsIn(file: PasteFile): readonly string[] {
  const names = file.sections.filter(({ kind }) => APP_KINDS.includes(kind)).map(({ name }) => name);
  return names.flatMap((name) => {
    if (name === APP) return [''];
    return name.startsWith(`${APP}-`) ? [name.slice(APP.length + 1)] : [];
  });
}

/** The name of a filter of some kind that a file has, whether it is in use or not. */
export function filterNamed(file: PasteFile, kind: FilterKind): string | undefined {
  const isOfKind = (section: PasteSection): boolean => {
    try {
      return new Walk(file, '').kindOf(section) === kind;
    } catch (error) {
      if (error instanceof Broken) return false;
      throw error;
    }
  };
  return file.sections.find((section) => section.kind === 'filter' && isOfKind(section))?.name;
}

function hasApp(file: PasteFile, name: string): boolean {
  return file.sections.some((section) => APP_KINDS.includes(section.kind) && section.name === name);
}

class Broken extends Error {
  override readonly name = 'Broken';
  readonly line: number;
  constructor(line: number, message: string) {
    super(message);
    this.line = line;
  }
}

/** Sections lead to sections: nobody writes as many, but a circle has them. */
const LONGEST_WAY = 200;

/** A name with a scheme is described elsewhere: `egg:Paste#urlmap`, `config:other.ini`, `call:module:function`. */
const ELSEWHERE = /^[A-Za-z]+:/;

/** Settings of a section that are no paths and no flavors. */
const NO_ROUTE = /^(?:use|paste\..*|set .*|get .*|require|filter-with|next|pipeline)$/;

class Walk {
  readonly filters: FilterUse[] = [];
  readonly opaque: string[] = [];
  list: FilterList | undefined;
  readonly #file: PasteFile;
  readonly #flavor: string;
  #steps = 0;

  constructor(file: PasteFile, flavor: string) {
    this.#file = file;
    this.#flavor = flavor;
  }

  /** Follows an application; `path` is what is left of the path of the request. */
  app(name: string, path: string): void {
    const section = this.#section(APP_KINDS, name);
    if (section === undefined) return;
    const filterWith = pasteValue(this.#file, section, 'filter-with');
    if (filterWith !== undefined) this.#filter(filterWith.text, section.line);
    if (section.kind === 'pipeline') {
      this.#pipeline('pipeline', this.#required(section, 'pipeline'), path);
    } else if (section.kind === 'filter-app') {
      this.filters.push({ name: section.name, kind: this.kindOf(section) });
      this.app(this.#required(section, 'next').text, path);
    } else if (section.kind.startsWith('composit')) {
      this.#composite(section, path);
    } else {
      const use = pasteValue(this.#file, section, 'use')?.text;
      if (use !== undefined) this.app(use, path);
    }
  }

  /** What the factory of a filter tells. */
  kindOf(section: PasteSection): FilterKind {
    const factories = ['paste.filter_factory', 'paste.filter_app_factory', 'glance.filter_factory', 'use'].flatMap(
      (key) => pasteValue(this.#file, section, key)?.text ?? [],
    );
    const known = kindOfFactory(factories.join(' '));
    const use = pasteValue(this.#file, section, 'use')?.text;
    if (known !== 'other' || use === undefined) return known;
    if (ELSEWHERE.test(use)) return 'unknown';
    const used = this.#section(['filter'], use);
    return used === undefined ? 'unknown' : this.kindOf(used);
  }

  #required(section: PasteSection, key: string): PasteValue {
    const value = pasteValue(this.#file, section, key);
    if (value === undefined) throw new Broken(section.line, `[${section.heading}] has no line "${key}"`);
    return value;
  }

  #pipeline(key: string, { text, line }: PasteValue, path: string): void {
    const names = text.split(/\s+/).filter((name) => name !== '');
    const app = names.at(-1);
    if (app === undefined) throw new Broken(line, `"${key}" lists nothing`);
    this.list = { line, key, names };
    for (const name of names.slice(0, -1)) this.#filter(name, line);
    this.app(app, path);
  }

  #filter(name: string, line: number): void {
    if (ELSEWHERE.test(name)) {
      this.filters.push({ name, kind: 'unknown' });
      return;
    }
    const section = this.#file.sections.find((candidate) => candidate.kind === 'filter' && candidate.name === name);
    if (section === undefined) throw new Broken(line, `there is no section [filter:${name}]`);
    this.filters.push({ name, kind: this.kindOf(section) });
  }

  #composite(section: PasteSection, path: string): void {
    const { factory, through } = this.#compositeFactory(section);
    if (/:pipeline_factory$/.test(factory)) this.#pipelineOfFlavor(section, through, path);
    else if (/:root_app_factory$|#urlmap$|:urlmap_factory$/.test(factory)) this.#routes(through, path);
    else this.opaque.push(section.heading);
  }

  /** https://github.com/openstack/glance/blob/master/glance/api/__init__.py */
  #pipelineOfFlavor(section: PasteSection, through: readonly PasteSection[], path: string): void {
    const key = this.#flavor === '' ? 'default' : this.#flavor;
    const found = this.#firstValue(through, key);
    if (found === undefined) throw new Broken(section.line, `[${section.heading}] has no pipeline called "${key}"`);
    this.#pipeline(key, found, path);
  }

  #routes(through: readonly PasteSection[], path: string): void {
    const routes = through.flatMap((part) => [...part.values.keys()].filter((key) => !NO_ROUTE.test(key)));
    const taken = bestRoute(routes, path);
    // What cannot be understood as a path leads who knows where: then all ways count.
    for (const route of taken === undefined ? new Set(routes) : [taken]) {
      const value = this.#firstValue(through, route);
      if (value !== undefined) this.app(value.text, path.slice(route.replace(/\/$/, '').length));
    }
  }

  #firstValue(sections: readonly PasteSection[], key: string): PasteValue | undefined {
    return sections.map((section) => pasteValue(this.#file, section, key)).find((value) => value !== undefined);
  }

  /** The factory of a composite application, and the sections whose settings it gets. */
  #compositeFactory(section: PasteSection): {
    readonly factory: string;
    readonly through: readonly PasteSection[];
  } {
    const own =
      pasteValue(this.#file, section, 'paste.composite_factory') ??
      pasteValue(this.#file, section, 'paste.composit_factory');
    if (own !== undefined) return { factory: own.text, through: [section] };
    const use = this.#required(section, 'use').text;
    if (ELSEWHERE.test(use)) return { factory: use, through: [section] };
    const used = this.#section(['composite', 'composit'], use);
    if (used === undefined) return { factory: '', through: [section] };
    const { factory, through } = this.#compositeFactory(used);
    return { factory, through: [section, ...through] };
  }

  /** The section of a name; undefined where it is described elsewhere. */
  #section(kinds: readonly string[], name: string): PasteSection | undefined {
    if (ELSEWHERE.test(name)) {
      // Of Glance's own packages nothing but applications is called for: they have no filters before them.
      if (name.startsWith('config:')) this.opaque.push(name);
      return undefined;
    }
    const found = this.#file.sections.filter((section) => kinds.includes(section.kind) && section.name === name);
    const [section] = found;
    const line = section?.line ?? this.list?.line ?? 1;
    if (section === undefined) throw new Broken(line, `there is no section [${kinds[0] ?? ''}:${name}]`);
    if (found.length > 1) throw new Broken(line, `there are several sections for "${name}"`);
    this.#steps += 1;
    if (this.#steps > LONGEST_WAY) throw new Broken(line, `[${section.heading}] leads to itself`);
    return section;
  }
}

function kindOfFactory(factory: string): FilterKind {
  if (/\bglance\.api\.middleware\.(?:image_)?cache:/.test(factory)) return 'cache';
  if (/\bglance\.api\.middleware\.cache_manage:/.test(factory)) return 'cachemanage';
  if (/\bglance\.(?:api\.middleware|common)\.context:/.test(factory)) return 'context';
  return 'other';
}

/** As a urlmap decides: the longest path that the request begins with. */
function bestRoute(routes: readonly string[], path: string): string | undefined {
  const fits = (route: string): boolean => {
    const start = route.replace(/\/$/, '');
    return route.startsWith('/') && (path === start || path.startsWith(`${start}/`));
  };
  return routes.filter(fits).toSorted((a, b) => b.length - a.length)[0];
}
