import { testCommands } from './commands-suite.ts';

testCommands('3.0');
