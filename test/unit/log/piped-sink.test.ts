import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { PipedSink } from '../../../src/log/piped-sink.ts';
import { parseSyslogFacility } from '../../../src/log/syslog-facility.ts';
import { createJournalSink, createSyslogSink, type SystemSinkOptions } from '../../../src/log/system-sinks.ts';

let folder: string;
let complaints: string[];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'piped-sink-'));
  complaints = [];
});

afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

function install(command: string, script: string): void {
  writeFileSync(join(folder, command), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
}

/** A stand-in that keeps what it is given in files beside it. */
function installRecorder(command: string): void {
  install(
    command,
    `printf '%s\\n' "$@" > ${folder}/args; /usr/bin/env > ${folder}/env; exec /bin/cat > ${folder}/records`,
  );
}

function readNote(name: string): string {
  return readFileSync(join(folder, name), 'utf8');
}

function optionsOf(): SystemSinkOptions {
  return {
    program: 'glance-cache-pruner',
    searchPath: folder,
    format: (level, message) => `${level} ${message}`,
    complain: (text) => complaints.push(text),
  };
}

describe('createSyslogSink()', () => {
  test('pipes records with their priority to logger', async () => {
    installRecorder('logger');
    const sink = createSyslogSink(optionsOf(), 4711, parseSyslogFacility('LOG_LOCAL3'));
    for (const level of ['DEBUG', 'INFO', 'WARNING', 'ERROR', 'CRITICAL'] as const) sink.write(level, 'x');
    await sink.close();
    expect(readNote('args')).toBe('--prio-prefix\n-t\nglance-cache-pruner[4711]\n');
    expect(readNote('records')).toBe('<159>DEBUG x\n<158>INFO x\n<156>WARNING x\n<155>ERROR x\n<154>CRITICAL x\n');
    expect(complaints).toEqual([]);
  });

  test('gives the program no environment but PATH', async () => {
    installRecorder('logger');
    process.env['OS_PASSWORD'] = 'hunter2';
    try {
      const sink = createSyslogSink(optionsOf(), 4711, 1);
      sink.write('INFO', 'x');
      await sink.close();
    } finally {
      delete process.env['OS_PASSWORD'];
    }
    expect(readNote('env')).toContain(`PATH=${folder}`);
    expect(readNote('env')).not.toContain('OS_PASSWORD');
  });

  test('starts nothing without a record', async () => {
    installRecorder('logger');
    await createSyslogSink(optionsOf(), 4711, 1).close();
    expect(existsSync(join(folder, 'args'))).toBe(false);
  });

  test('complains once and goes on when logger is missing', async () => {
    const sink = createSyslogSink(optionsOf(), 4711, 1);
    for (let count = 0; count < 3; count += 1) {
      sink.write('INFO', 'x');
      await new Promise((resolve) => setImmediate(resolve));
    }
    await sink.close();
    expect(complaints).toEqual(["Cannot log to syslog: the program 'logger' is not installed"]);
  });

  test('says why when logger fails', async () => {
    install('logger', 'echo "logger: socket /dev/log: No such file\u001b[1m" >&2; exit 1');
    const sink = createSyslogSink(optionsOf(), 4711, 1);
    sink.write('INFO', 'x'.repeat(1000));
    await sink.close();
    expect(complaints).toEqual([
      "Cannot log to syslog: 'logger' ended with exit code 1: logger: socket /dev/log: No such file\\x1b[1m",
    ]);
  });
});

describe('createJournalSink()', () => {
  test('pipes records with their severity to systemd-cat', async () => {
    installRecorder('systemd-cat');
    const sink = createJournalSink(optionsOf());
    sink.write('WARNING', 'x');
    await sink.close();
    expect(readNote('args')).toBe('--level-prefix=true\n-t\nglance-cache-pruner\n');
    expect(readNote('records')).toBe('<4>WARNING x\n');
  });
});

describe('PipedSink', () => {
  function stuck(patienceMs: number): PipedSink {
    // Not exec: the sleep outlives its killed shell and holds the pipes, which must not hold up the close.
    install('stuck', '/bin/sleep 2\nexit 0');
    const options = { ...optionsOf(), command: 'stuck', args: [], priorityBase: 0, label: 'nowhere', patienceMs };
    return new PipedSink(options);
  }

  test('gives up at the close after its patience when the program hangs', async () => {
    const sink = stuck(50);
    sink.write('INFO', 'x');
    await sink.close();
    expect(complaints).toEqual(['Cannot log to nowhere: it did not end within 0.05 s, records may be lost']);
  });

  test('drops records when the program does not read', async () => {
    const sink = stuck(50);
    for (let count = 0; count < 40; count += 1) sink.write('INFO', 'x'.repeat(100_000));
    expect(complaints).toEqual(['Cannot log to nowhere: it does not read, records are lost']);
    await sink.close();
    expect(complaints).toHaveLength(1);
  });
});

describe('parseSyslogFacility()', () => {
  test.each([
    ['LOG_USER', 1],
    ['user', 1],
    ['log_local7', 23],
    ['AuthPriv', 10],
  ])('takes %s', (text, facility) => {
    expect(parseSyslogFacility(text)).toBe(facility);
  });

  test.each(['', 'LOG_', 'LOG_KERN', 'local8', 'LOG_LOG_USER'])('refuses %j and lists what there is', (text) => {
    expect(() => parseSyslogFacility(text)).toThrowError(
      expect.objectContaining({ code: 'CONFIG_VALUE', hint: expect.stringContaining('LOG_USER, LOG_MAIL') as string }),
    );
  });
});
