import { choice, optionalFile, optionalText, type Setting, text, toggle, whole } from './setting.js';

// What HTTP/2 and gRPC keep for themselves, and what must never be taken for a tenant.
const headerPattern =
  /^(?!(?:authorization|api-key|cookie|x-request-id|te|content-type|user-agent|host|connection|keep-alive|proxy-connection|transfer-encoding|upgrade)$)(?!grpc-|.*-bin$)[a-z0-9_-]{1,64}$/;
const claimPattern = /^[\x21-\x7e]{1,256}$/;
const group = 'Identity';

/** Who may call. A file that is named here is followed: what it says holds within two seconds. */
export const identitySettings = {
  API_KEYS_FILE: optionalFile({
    group,
    description: 'JSON file of hashed API keys with their tenants and scopes (see "keys create").',
  }),
  JWT_JWKS_FILE: optionalFile({
    group,
    description: 'JSON Web Key Set (public keys) for tokens signed with RS256 or ES256.',
  }),
  JWT_JWKS_URL: optionalText(
    { allowed: 'an https:// URL, or http:// to this machine' },
    { group, description: 'The same, fetched from a URL; the last good set is kept when that fails.' },
  ),
  JWT_JWKS_REFRESH_MS: whole(
    300_000,
    1_000,
    86_400_000,
    { group, description: 'How often JWT_JWKS_URL is fetched; a token with an unknown key fetches it too.' },
    'ms',
  ),
  JWT_SECRET_FILE: optionalFile({
    group,
    description: 'File with the shared secret, at least 32 bytes, for tokens signed with HS256.',
  }),
  JWT_ISSUER: optionalText(
    { allowed: 'a line of text' },
    { group, description: 'What the claim "iss" of a token must be. Needed for tokens.' },
  ),
  JWT_AUDIENCE: optionalText(
    { allowed: 'a line of text' },
    { group, description: 'What the claim "aud" of a token must be or hold. Needed for tokens.' },
  ),
  JWT_TENANTS_CLAIM: text(
    'tenants',
    { allowed: 'the name of a claim', pattern: claimPattern },
    { group, description: 'Claim with the tenant ids of a token: a text, a number or a list; "*" is all.' },
  ),
  JWT_SCOPES_CLAIM: text(
    'scope',
    { allowed: 'the name of a claim', pattern: claimPattern },
    {
      group,
      description: 'Claim with read, write, admin: a text with spaces or a list; others are ignored.',
    },
  ),
  JWT_CLOCK_TOLERANCE_MS: whole(
    5_000,
    0,
    300_000,
    { group, description: "How far the issuer's clock may be off." },
    'ms',
  ),
  JWT_MAX_LIFETIME_MS: whole(
    86_400_000,
    1_000,
    31_536_000_000,
    { group, description: 'Longest time that a token may still live: nothing takes it back before.' },
    'ms',
  ),
  CLIENT_CERTS_FILE: optionalFile({
    group,
    description: 'JSON file that says which client certificate is who, with tenants and scopes.',
  }),
  AUTH_FAILURES_PER_MINUTE: whole(20, 0, 1_000_000, {
    group,
    description: 'Failed attempts that an address has a minute, before it is told to wait; 0 for any number.',
  }),
  INSECURE_NO_AUTH: toggle({
    group,
    description: 'Serve every tenant to whoever can connect, off loopback too. For closed networks only.',
  }),
  TENANT_HEADER: text(
    'x-company-id',
    { allowed: 'a lower-case metadata name that gRPC does not use itself', pattern: headerPattern },
    { group, description: 'Metadata name that carries the tenant id.' },
  ),
} as const satisfies Record<string, Setting<unknown>>;

/** Client certificates belong to TLS; who they are of is a matter of identity. */
export const clientTlsSettings = {
  TLS_CLIENT_CA_FILE: optionalFile({
    group: 'Listening',
    description: 'Certificates (PEM) of the authorities that sign client certificates; turns mTLS on.',
  }),
  TLS_CLIENT_CERT: choice('required', ['required', 'optional'], {
    group: 'Listening',
    description: 'Whether a caller without a certificate may connect, once TLS_CLIENT_CA_FILE is set.',
  }),
} as const satisfies Record<string, Setting<unknown>>;
