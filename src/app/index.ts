export type { Gateway } from './gateway.js';
export { startGateway } from './start.js';
