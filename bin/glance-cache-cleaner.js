#!/usr/bin/env node
import { run } from '../dist/cleaner.js';

await run();
