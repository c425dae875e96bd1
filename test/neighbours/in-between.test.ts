import { testInBetween } from './in-between.ts';

testInBetween({ driver: 'sqlite' });
