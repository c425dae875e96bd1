"""Measures how long a program has to wait for the write lock of an index, with glance-api's own patience: never.

Argument: a cache.db. Prints "ready", and at the end of standard input how often it had the lock and the longest wait in
seconds.
"""

import select
import sqlite3
import sys
import time

connection = sqlite3.connect(sys.argv[1], timeout=0, isolation_level=None)
longest = 0.0
taken = 0
print('ready', flush=True)
while not select.select([sys.stdin], [], [], 0)[0]:
    start = time.monotonic()
    while True:
        try:
            connection.execute('BEGIN IMMEDIATE')
            break
        except sqlite3.OperationalError:
            time.sleep(0.0005)
    longest = max(longest, time.monotonic() - start)
    connection.execute('ROLLBACK')
    taken += 1
    time.sleep(0.002)
print('%d %.4f' % (taken, longest), flush=True)
