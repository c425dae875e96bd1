import { expect, test } from 'vitest';
import { settingsOf } from './settings-of.ts';

test.each([
  ['[cache_tools]\nlow_watermrk = 80%\n', 'option "low_watermrk" in [cache_tools]; did you mean low_watermark?'],
  ['[cache_tools]\nlow-watermark = 80%\n', 'option "low-watermark" in [cache_tools]; did you mean low_watermark?'],
  ['[cache_tools]\nfavourite_colour = blue\n', 'option "favourite_colour" in [cache_tools]'],
  [
    '[DEFAULT]\nimage_cache_max_sze = 1\n',
    'option "image_cache_max_sze" in [DEFAULT]; did you mean image_cache_max_size?',
  ],
])('a warning tells of the key in %j that nobody reads', (text, told) => {
  expect(settingsOf({ files: [text] }).warnings).toEqual([`/0.conf:2: there is no ${told}`]);
});

test.each([
  '[cache_tools]\nlow_watermark = 80%\nusername = glance\nauth_type = password\ntenant_name = service\n',
  '[DEFAULT]\nimage_size_cap = 1\nimage_cache_dir = /x\n',
  '[glance_store]\nimage_cache = 1\n',
])('no warning tells of what somebody reads, or may read, as in %j', (text) => {
  expect(settingsOf({ files: [text] }).warnings).toEqual([]);
});
