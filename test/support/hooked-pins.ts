import type { PinListing, Pins } from '../../src/cache/pins/pins.ts';
import type { Hook } from './hooked-ports.ts';

/** Pins whose looks and changes call a hook first. */
export function hookedPins(inner: Pins, hook: Hook): Pins {
  return {
    list(): PinListing {
      hook('list pins', '');
      return inner.list();
    },
    has(imageId) {
      hook('look pin', imageId);
      return inner.has(imageId);
    },
    since(imageId) {
      hook('look pin', imageId);
      return inner.since(imageId);
    },
    add(imageId) {
      hook('add pin', imageId);
      return inner.add(imageId);
    },
    remove(imageId) {
      hook('remove pin', imageId);
      return inner.remove(imageId);
    },
    async sync() {
      hook('sync pins', '');
      await inner.sync();
    },
  };
}
