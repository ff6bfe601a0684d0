import { testDeployments } from './deploy-suite.ts';

testDeployments('3.0');
