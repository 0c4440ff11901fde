export { processIo } from './cli-io.js';
export { runCli } from './program.js';
