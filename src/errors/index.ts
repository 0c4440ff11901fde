export { type FieldViolation, fieldError, GatewayError, type GatewayErrorOptions } from './gateway-error.js';
export { Code, type Reason, reasonCodes, type StatusCode } from './reasons.js';
