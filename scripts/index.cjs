// What `component: ./scripts` in s.yaml loads: Serverless Devs requires CommonJS, the component is TypeScript.
const unregister = require('tsx/cjs/api').register();
module.exports = require('./connector/component.ts');
// The SDKs, large and loaded when needed, are JavaScript: nothing has to look into their files.
unregister();
