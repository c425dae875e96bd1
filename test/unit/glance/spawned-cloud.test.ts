import { expect, test } from 'vitest';
import { spawnCloud } from '../../support/cloud/spawn-cloud.js';
import { rejectionOf } from '../../support/thrown.ts';
import { NO_SIGNAL } from '../../support/transports.ts';
import { imageIdOf } from './image-ids.ts';
import { useGlance } from './use-glance.ts';

const glanceOf = useGlance();

test('spawnCloud() serves from a process of its own until it is closed', async () => {
  const cloud = await spawnCloud({ images: [{ id: imageIdOf(1), sizeBytes: 5 }] });
  const { glance } = glanceOf(cloud);
  try {
    expect(await glance.image(imageIdOf(1), NO_SIGNAL)).toMatchObject({ sizeBytes: 5 });
  } finally {
    await cloud.close();
  }
  expect(await rejectionOf(glance.image(imageIdOf(1), NO_SIGNAL))).toMatchObject({ code: 'REMOTE_UNREACHABLE' });
});
