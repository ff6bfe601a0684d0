import { testCommands } from './commands-suite.ts';

testCommands('2.0');
