#!/usr/bin/env node
import { run } from '../dist/manage.js';

await run();
