/** A user, a project or a domain, by ID or by name. */
export type NameOrId = { readonly id: string } | { readonly name: string };

/** What an ID or a name stands for, undefined where there is neither. The ID wins. */
export function nameOrId(id: string | undefined, name: string | undefined): NameOrId | undefined {
  if (id !== undefined) return { id };
  return name === undefined ? undefined : { name };
}
