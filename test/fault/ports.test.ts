import { testFaults } from './ports.ts';

testFaults({ driver: 'sqlite' });
