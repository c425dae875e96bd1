"""Holds a lock of Glance as glance-api does: oslo.concurrency, with the configuration and the defaults of the cache.

Arguments: a glance-cache.conf and the name of the lock. Prints "held" and the seconds it took as soon as it has the
lock; gives it up at the end of standard input.
"""

import sys
import time

from glance import image_cache
from oslo_concurrency import lockutils
from oslo_config import cfg

cfg.CONF(['--config-file', sys.argv[1]], project='glance')
# Sets the default of lock_path.
image_cache.ImageCache()
print('ready', flush=True)
start = time.monotonic()
with lockutils.lock(sys.argv[2], external=True):
    print('held %.3f' % (time.monotonic() - start), flush=True)
    sys.stdin.read()
