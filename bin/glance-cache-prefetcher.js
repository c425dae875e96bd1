#!/usr/bin/env node
import { run } from '../dist/prefetcher.js';

await run();
