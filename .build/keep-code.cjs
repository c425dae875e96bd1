// keep-code.cjs PROGRAM [ARG...]: runs a program, and writes what V8 compiled meanwhile where the program looks for it.
'use strict';
const { chmodSync, writeFileSync } = require('node:fs');
const { codeCachePath, evaluate } = require('../dist/launch.cjs');

const [program] = process.argv.splice(2, 1);
const { bundle, script } = evaluate();
bundle.PROGRAMS[program]().then(() => {
  const path = codeCachePath(program);
  writeFileSync(path, script.createCachedData());
  // The program has set a umask; whoever may run it is to read this.
  chmodSync(path, 0o644);
});
