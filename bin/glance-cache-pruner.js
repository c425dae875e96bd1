#!/usr/bin/env node
import { run } from '../dist/pruner.js';

await run();
