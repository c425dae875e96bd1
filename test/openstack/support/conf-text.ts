/** Sections of an oslo.config file; a value of undefined leaves its option out. */
export type ConfSections = Readonly<Record<string, Readonly<Record<string, string | number | undefined>>>>;

/** The text of an oslo.config file. `extra` comes last, and so its single-valued options win over the ones before. */
export function confText(sections: ConfSections, extra = ''): string {
  const lines = Object.entries(sections).flatMap(([section, options]) => [
    `[${section}]`,
    ...Object.entries(options)
      .filter(([, value]) => value !== undefined)
      .map(([name, value]) => `${name} = ${value ?? ''}`),
  ]);
  return `${[...lines, extra].join('\n')}\n`;
}
