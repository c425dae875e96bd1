import { testStops } from './stop.ts';

testStops({ driver: 'sqlite' });
