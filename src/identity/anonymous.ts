import { anonymousPrincipal } from '../tenancy/index.js';
import type { Authenticator } from './identity.js';

/** Asks nobody for anything: loopback, or --insecure-no-auth. */
export const anonymousAuthenticator: Authenticator = {
  usesCertificates: false,
  revision: undefined,
  authenticate: () => anonymousPrincipal,
  recheck: () => anonymousPrincipal,
};
