/** What a machine format may hold in one field. */
export type FieldValue = string | number | boolean | null | readonly unknown[];

/** On which side a cell has its blanks. */
export type Alignment = 'left' | 'center' | 'right';

/** How a table shows one thing about its rows. */
export interface TableColumn<R> {
  /** Heading, such as `Last Accessed (UTC)`. */
  readonly title: string;
  readonly align: Alignment;
  /** The cell of a row. */
  readonly text: (row: R) => string;
}

/** One thing about the records of a list, for every format. */
export interface Column<R> extends TableColumn<R> {
  /** Name of the field in the machine formats; scripts depend on it. Snake case: `last_accessed`. */
  readonly key: string;
  /** The field of a row in the machine formats. */
  readonly value: (row: R) => FieldValue;
  /** How rows are sorted by this column, where the order of `value` is not it. */
  readonly order?: (a: R, b: R) => number;
}
