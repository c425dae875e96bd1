import type { Option } from '../option.ts';
import { boolean } from '../types/boolean.ts';
import { choice } from '../types/choice.ts';
import { integer } from '../types/integer.ts';
import { list } from '../types/list.ts';
import { string } from '../types/string.ts';

/** Every scheme that some release of glance_store takes for its default. */
const STORE_SCHEMES = [
  'file',
  'filesystem',
  'http',
  'https',
  'swift',
  'swift+http',
  'swift+https',
  'swift+config',
  'rbd',
  'sheepdog',
  's3',
  'cinder',
  'vsphere',
] as const;

/** Where Glance keeps the images themselves: a prefetch from the file store needs no download. */
export const STORE_OPTIONS = {
  stores: {
    group: 'glance_store',
    name: 'stores',
    type: list,
    defaultText: 'file,http',
    help: 'Drivers of a Glance without enabled_backends.',
  },
  defaultStore: {
    group: 'glance_store',
    name: 'default_store',
    type: choice(STORE_SCHEMES),
    defaultText: 'file',
    help: 'Driver that takes new images in a Glance without enabled_backends.',
  },
  defaultBackend: {
    group: 'glance_store',
    name: 'default_backend',
    type: string,
    help: 'Store that takes new images, by its identifier in enabled_backends.',
  },
  filesystemStoreDatadir: {
    group: 'glance_store',
    name: 'filesystem_store_datadir',
    type: string,
    defaultText: '/var/lib/glance/images',
    help: 'Directory of the file store.',
  },
  filesystemStoreDatadirs: {
    group: 'glance_store',
    name: 'filesystem_store_datadirs',
    type: string,
    multiple: true,
    help: 'Directories of the file store, each with an optional priority behind a colon.',
  },
  filesystemStoreFilePerm: {
    group: 'glance_store',
    name: 'filesystem_store_file_perm',
    // Glance reads the decimal digits as octal ones: 640 means mode 0640.
    type: integer(),
    defaultText: '0',
    help: 'Mode of the files in the file store, as octal digits without a prefix; 0 leaves it as it is.',
  },
  filesystemStoreMetadataFile: {
    group: 'glance_store',
    name: 'filesystem_store_metadata_file',
    type: string,
    help: 'File that describes the file store to clients.',
  },
  filesystemStoreChunkSize: {
    group: 'glance_store',
    name: 'filesystem_store_chunk_size',
    type: integer({ min: 1, unit: 'bytes' }),
    defaultText: '65536',
    help: 'Bytes the file store reads and writes at a time.',
  },
  filesystemThinProvisioning: {
    group: 'glance_store',
    name: 'filesystem_thin_provisioning',
    type: boolean,
    defaultText: 'false',
    help: 'Whether the file store leaves holes where an image has zeros.',
  },
} satisfies Readonly<Record<string, Option<unknown>>>;
