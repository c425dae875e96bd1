/**
 * The tables of Glance's own database that the `centralized_db` driver works on, as Glance's migrations of release 2024.1
 * make them, for each engine.
 */
import type { Dialect } from '../../src/database/database.ts';

/** What engines spell differently. */
interface Spelling {
  /** A primary key that counts up, as a column. */
  readonly key: string;
  readonly bigInteger: string;
  readonly dateTime: string;
  /** Behind the columns of a table. */
  readonly options: string;
}

const SPELLINGS: Readonly<Record<Dialect, Spelling>> = {
  mysql: {
    key: 'BIGINT NOT NULL AUTO_INCREMENT',
    bigInteger: 'BIGINT',
    dateTime: 'DATETIME',
    options: ' ENGINE=InnoDB DEFAULT CHARSET=utf8',
  },
  postgresql: {
    key: 'BIGSERIAL NOT NULL',
    bigInteger: 'BIGINT',
    dateTime: 'TIMESTAMP WITHOUT TIME ZONE',
    options: '',
  },
  sqlite: { key: 'INTEGER NOT NULL', bigInteger: 'INTEGER', dateTime: 'DATETIME', options: '' },
};

function tables(dialect: Dialect): readonly string[] {
  const { key, bigInteger, dateTime, options } = SPELLINGS[dialect];
  return [
    `CREATE TABLE node_reference (
      node_reference_id ${key},
      node_reference_url VARCHAR(255) NOT NULL,
      PRIMARY KEY (node_reference_id),
      CONSTRAINT uq_node_reference_node_reference_url UNIQUE (node_reference_url)
    )${options}`,
    `CREATE TABLE cached_images (
      id ${key},
      image_id VARCHAR(36) NOT NULL,
      last_accessed ${dateTime} NOT NULL,
      last_modified ${dateTime} NOT NULL,
      size ${bigInteger} NOT NULL,
      hits INTEGER NOT NULL,
      checksum VARCHAR(32),
      node_reference_id ${bigInteger} NOT NULL,
      PRIMARY KEY (id),
      FOREIGN KEY (node_reference_id) REFERENCES node_reference (node_reference_id),
      CONSTRAINT ix_cached_images_image_id_node_reference_id UNIQUE (image_id, node_reference_id)
    )${options}`,
  ];
}

/** The statements that make the tables, in this order. */
export const CENTRAL_SCHEMA: Readonly<Record<Dialect, readonly string[]>> = {
  mysql: tables('mysql'),
  postgresql: tables('postgresql'),
  sqlite: tables('sqlite'),
};

/** What takes them away again, where they are. */
export const DROP_CENTRAL_SCHEMA: readonly string[] = [
  'DROP TABLE IF EXISTS cached_images',
  'DROP TABLE IF EXISTS node_reference',
];
