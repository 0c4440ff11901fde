// jest runs tests in a vm realm whose Error differs from Node's own, so an ECONNREFUSED raised by Node core
// is "not an Error" there and libraries classify it as INTERNAL. Sharing the constructor removes that difference.
const { TestEnvironment } = require('jest-environment-node');

module.exports = class extends TestEnvironment {
  constructor(config, context) {
    super(config, context);
    this.global.Error = Error;
  }
};
