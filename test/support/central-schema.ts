/**
 * The tables of Glance's own database that the `centralized_db` driver works on, as Glance's migrations of release 2024.1
 * make them, for each engine.
 */
import type { Dialect } from '../../src/database/database.ts';

const MYSQL = [
  `CREATE TABLE node_reference (
    node_reference_id BIGINT NOT NULL AUTO_INCREMENT,
    node_reference_url VARCHAR(255) NOT NULL,
    PRIMARY KEY (node_reference_id),
    CONSTRAINT uq_node_reference_node_reference_url UNIQUE (node_reference_url)
  ) ENGINE=InnoDB DEFAULT CHARSET=utf8`,
  `CREATE TABLE cached_images (
    id BIGINT NOT NULL AUTO_INCREMENT,
    image_id VARCHAR(36) NOT NULL,
    last_accessed DATETIME NOT NULL,
    last_modified DATETIME NOT NULL,
    size BIGINT NOT NULL,
    hits INTEGER NOT NULL,
    checksum VARCHAR(32),
    node_reference_id BIGINT NOT NULL,
    PRIMARY KEY (id),
    FOREIGN KEY (node_reference_id) REFERENCES node_reference (node_reference_id),
    CONSTRAINT ix_cached_images_image_id_node_reference_id UNIQUE (image_id, node_reference_id)
  ) ENGINE=InnoDB DEFAULT CHARSET=utf8`,
];

const POSTGRESQL = [
  `CREATE TABLE node_reference (
    node_reference_id BIGSERIAL NOT NULL,
    node_reference_url VARCHAR(255) NOT NULL,
    PRIMARY KEY (node_reference_id),
    CONSTRAINT uq_node_reference_node_reference_url UNIQUE (node_reference_url)
  )`,
  `CREATE TABLE cached_images (
    id BIGSERIAL NOT NULL,
    image_id VARCHAR(36) NOT NULL,
    last_accessed TIMESTAMP WITHOUT TIME ZONE NOT NULL,
    last_modified TIMESTAMP WITHOUT TIME ZONE NOT NULL,
    size BIGINT NOT NULL,
    hits INTEGER NOT NULL,
    checksum VARCHAR(32),
    node_reference_id BIGINT NOT NULL,
    PRIMARY KEY (id),
    FOREIGN KEY (node_reference_id) REFERENCES node_reference (node_reference_id),
    CONSTRAINT ix_cached_images_image_id_node_reference_id UNIQUE (image_id, node_reference_id)
  )`,
];

const SQLITE = [
  `CREATE TABLE node_reference (
    node_reference_id INTEGER NOT NULL,
    node_reference_url VARCHAR(255) NOT NULL,
    PRIMARY KEY (node_reference_id),
    CONSTRAINT uq_node_reference_node_reference_url UNIQUE (node_reference_url)
  )`,
  `CREATE TABLE cached_images (
    id INTEGER NOT NULL,
    image_id VARCHAR(36) NOT NULL,
    last_accessed DATETIME NOT NULL,
    last_modified DATETIME NOT NULL,
    size INTEGER NOT NULL,
    hits INTEGER NOT NULL,
    checksum VARCHAR(32),
    node_reference_id INTEGER NOT NULL,
    PRIMARY KEY (id),
    FOREIGN KEY (node_reference_id) REFERENCES node_reference (node_reference_id),
    CONSTRAINT ix_cached_images_image_id_node_reference_id UNIQUE (image_id, node_reference_id)
  )`,
];

/** The statements that make the tables, in this order. */
export const CENTRAL_SCHEMA: Readonly<Record<Dialect, readonly string[]>> = {
  mysql: MYSQL,
  postgresql: POSTGRESQL,
  sqlite: SQLITE,
};

/** What takes them away again, where they are. */
export const DROP_CENTRAL_SCHEMA: readonly string[] = [
  'DROP TABLE IF EXISTS cached_images',
  'DROP TABLE IF EXISTS node_reference',
];
