/**
 * Options of glance-api that tell something about its cache, and that no program of this toolkit reads for its own work.
 */
import type { Option } from '../../../settings/option.ts';
import { ALL_OPTIONS } from '../../../settings/options.ts';
import { boolean } from '../../../settings/types/boolean.ts';
import { string } from '../../../settings/types/string.ts';

/** The options. */
export const GLANCE_API_OPTIONS = {
  flavor: {
    group: 'paste_deploy',
    name: 'flavor',
    type: string,
    help: 'Which pipeline of the paste file glance-api runs.',
  },
  pasteFile: {
    group: 'paste_deploy',
    name: 'config_file',
    type: string,
    help: 'The paste file.',
  },
  showImageDirectUrl: {
    group: 'DEFAULT',
    name: 'show_image_direct_url',
    type: boolean,
    defaultText: 'false',
    help: 'Whether users are told where in the store an image lies.',
  },
  showMultipleLocations: {
    group: 'DEFAULT',
    name: 'show_multiple_locations',
    type: boolean,
    defaultText: 'false',
    help: 'The same, for all locations of an image.',
  },
} satisfies Readonly<Record<string, Option<unknown>>>;

/** All that is known of what may stand in the files of a node. */
export const CHECKED_OPTIONS: readonly Option<unknown>[] = [...ALL_OPTIONS, ...Object.values(GLANCE_API_OPTIONS)];
