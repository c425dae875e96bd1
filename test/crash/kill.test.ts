import { testKills } from './kill.ts';

testKills({ driver: 'sqlite' });
