export { EmbeddedStoreError } from '../embedded/index.js';
export type { Gateway } from './gateway.js';
export { checkIdentity } from './identity.js';
export { startGateway } from './start.js';
export { readVersion } from './version.js';
