import { testDayTwo } from './day-two-suite.ts';

testDayTwo('2.0');
