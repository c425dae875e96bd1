import { onAttributes } from '../support/xattr-rows.ts';
import { testLatePins } from './late-pins.ts';

testLatePins({ driver: 'sqlite' });
testLatePins({ driver: 'centralized_db' });
onAttributes((parent) => testLatePins({ driver: 'xattr', parent }));
