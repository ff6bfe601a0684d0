import { testDayTwo } from './day-two-suite.ts';

testDayTwo('3.0');
