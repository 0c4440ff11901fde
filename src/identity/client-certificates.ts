import type { PeerCertificate } from 'node:tls';
import { GatewayError } from '../errors/index.js';
import type { Principal } from '../tenancy/index.js';
import { namingFile, refuse } from './identity-file-error.js';
import {
  parseJson,
  readList,
  readName,
  readObject,
  readScopes,
  readTenants,
  refuseRepeated,
} from './json-fields.js';

/** One entry of a file of certificates: which certificate, and who shows it. */
interface KnownCertificate {
  readonly matches: (facts: CertificateFacts) => boolean;
  readonly principal: Principal;
}

interface CertificateFacts {
  /** In one form, whatever the order of the attributes. */
  readonly subject: string;
  /** "URI:spiffe://…", "DNS:host". */
  readonly names: ReadonlySet<string>;
}

/**
 * The certificates of a file's text, `{"certificates":[{"name","tenants","scopes", one of "subject", "uri", "dns"}]}`.
 * `subject` is the whole subject, `{"O":"Example","CN":"ingest"}`. Throws IdentityFileError.
 */
export function loadCertificates(json: string, source: string): ClientCertificates {
  return namingFile(source, () => {
    const { certificates } = readObject(parseJson(json), '', ['certificates']);
    const items = readList(certificates, 'certificates', 0, maxCertificates);
    const entries = items.map((item, index) => readEntry(item, `certificates[${index}]`));
    refuseRepeated(
      'certificates',
      'name',
      entries.map(({ principal }) => principal.name),
    );
    return new ClientCertificates(entries);
  });
}

/** Who shows which certificate. That it is signed by a trusted authority was found when the caller connected. */
export class ClientCertificates {
  readonly #entries: readonly KnownCertificate[];

  constructor(entries: readonly KnownCertificate[]) {
    this.#entries = entries;
  }

  get size(): number {
    return this.#entries.length;
  }

  /** Who shows the certificate. Throws CREDENTIAL_INVALID or CREDENTIAL_EXPIRED. */
  find(certificate: PeerCertificate): Principal {
    const facts = {
      subject: subjectText(Object.entries(certificate.subject)),
      names: new Set(alternativeNames(certificate.subjectaltname ?? '')),
    };
    const [first, ...others] = this.#entries.filter(({ matches }) => matches(facts));
    if (first === undefined) {
      throw new GatewayError(
        'CREDENTIAL_INVALID',
        'the client certificate is not one that the gateway knows',
      );
    }
    // Which of them was meant nobody can say.
    if (others.length > 0) {
      throw new GatewayError('CREDENTIAL_INVALID', 'the client certificate is known by more than one name');
    }
    // A connection may outlive the certificate that it began with.
    const expiresAtMs = Date.parse(certificate.valid_to);
    if (!(expiresAtMs > Date.now())) {
      throw new GatewayError('CREDENTIAL_EXPIRED', 'the client certificate has expired');
    }
    return { ...first.principal, expiresAtMs };
  }
}

function readEntry(value: unknown, path: string): KnownCertificate {
  const entry = readObject(value, path, ['name', 'tenants', 'scopes'], ['subject', 'uri', 'dns']);
  return {
    matches: readMatcher(entry, path),
    principal: {
      name: `cert:${readName(entry.name, `${path}.name`)}`,
      tenants: readTenants(entry.tenants, `${path}.tenants`),
      scopes: readScopes(entry.scopes, `${path}.scopes`),
      expiresAtMs: Number.POSITIVE_INFINITY,
    },
  };
}

function readMatcher(entry: Record<string, unknown>, path: string): KnownCertificate['matches'] {
  const given = ['subject', 'uri', 'dns'].filter((field) => entry[field] !== undefined);
  if (given.length !== 1) return refuse(path, 'must have one of "subject", "uri" and "dns"');
  if (given[0] === 'subject') {
    const subject = readSubject(entry.subject, `${path}.subject`);
    return (facts) => facts.subject === subject;
  }
  const [type, field] = given[0] === 'uri' ? ['URI', 'uri'] : ['DNS', 'dns'];
  const value = entry[field];
  if (typeof value !== 'string' || !/^[!#-+\--~]{1,1024}$/.test(value)) {
    return refuse(
      `${path}.${field}`,
      'must be one name of 1 to 1024 printable characters, without comma or quote',
    );
  }
  return (facts) => facts.names.has(`${type}:${value}`);
}

function readSubject(value: unknown, path: string): string {
  const example = 'such as {"O":"Example","CN":"ingest"}, the whole subject';
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return refuse(path, `must be an object ${example}`);
  }
  const attributes = Object.entries(value);
  if (attributes.length === 0 || attributes.length > 32)
    refuse(path, `must have 1 to 32 attributes, ${example}`);
  for (const [name, text] of attributes) {
    const texts: unknown[] = Array.isArray(text) ? text : [text];
    if (texts.length === 0 || texts.some((each) => typeof each !== 'string' || each === '')) {
      refuse(`${path}.${name}`, 'must be a text, or a list of texts where it is there several times');
    }
  }
  return subjectText(attributes);
}

/** Attributes may stand in any order; each must be there, and no other. */
function subjectText(attributes: readonly (readonly [string, unknown])[]): string {
  const sorted = [...attributes].sort(([a], [b]) => (a < b ? -1 : 1));
  return JSON.stringify(sorted.map(([name, text]) => [name, Array.isArray(text) ? text : [text]]));
}

/**
 * The names in Node's text form, `DNS:a, URI:"b, c"`: a name with a comma or a quote in it is in quotes, so that it
 * cannot pass for two. Such names are never equal to one in the file.
 */
function alternativeNames(text: string): string[] {
  const names: string[] = [];
  const part = /([A-Za-z ]+:(?:"(?:[^"\\]|\\.)*"|[^",]*))(?:, |$)/y;
  while (part.lastIndex < text.length) {
    const name = part.exec(text)?.[1];
    // A form that is not understood proves nothing.
    if (name === undefined) return [];
    names.push(name);
  }
  return names;
}

const maxCertificates = 10_000;
