/** How a list or a report is printed: `--format`. */
export type OutputFormat = 'table' | 'json' | 'yaml' | 'csv' | 'value';

/** All of them, as `--help` lists them. */
export const OUTPUT_FORMATS: readonly OutputFormat[] = ['table', 'json', 'yaml', 'csv', 'value'];
