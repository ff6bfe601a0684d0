import { testDeployments } from './deploy-suite.ts';

testDeployments('2.0');
