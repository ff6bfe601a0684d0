// What `component: ./scripts` in s.yaml loads: Serverless Devs requires CommonJS, the component is TypeScript.
require('tsx/cjs/api').register();
module.exports = require('./connector/component.ts');
