import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

/** A guard taken out of a copy of the sources: the suites must notice. */
interface Removal {
  readonly guard: string;
  readonly file: string;
  readonly from: string;
  readonly to: string;
  readonly suites: readonly string[];
}

const removal = (guard: string, file: string, from: string, to: string, ...suites: string[]): Removal => ({
  guard,
  file: `src/${file}`,
  from,
  to,
  suites: suites.map((suite) => `test/${suite}.test.ts`),
});

const access = 'services/collection-access.ts';
const removals: readonly Removal[] = [
  removal(
    'no _ in tenant ids',
    'tenancy/names.ts',
    '/^[a-z0-9][a-z0-9-]{0,62}$/',
    '/^[a-z0-9][a-z0-9_-]{0,62}$/',
    'unit/tenancy/names',
  ),
  removal(
    'the rule for tenant ids',
    'tenancy/names.ts',
    'if (tenantIdPattern.test(tenantId)) return;',
    'return;',
    'isolation/header',
  ),
  removal(
    'the rule for collections',
    'tenancy/names.ts',
    'if (collectionPattern.test(collection)) return;',
    'return;',
    'isolation/names',
  ),
  removal(
    'own names only',
    'tenancy/names.ts',
    'if (!physicalName.startsWith(own)) return undefined;',
    '',
    'isolation/visibility',
  ),
  removal(
    'tenants of a key',
    'tenancy/mint.ts',
    "principal.tenants !== '*' &&",
    'false &&',
    'isolation/keys',
  ),
  removal(
    'scopes of a key',
    'tenancy/mint.ts',
    'if (!principal.scopes.has(needed))',
    'if (needed === undefined)',
    'isolation/keys',
  ),
  removal('one header only', 'tenancy/mint.ts', " || value.includes(',')", '', 'unit/tenancy/mint'),
  removal(
    'headers as they were sent',
    'transport/server.ts',
    'exposeIdentityHeaders(http2Server, identity)',
    'undefined',
    'isolation/keys',
  ),
  removal(
    'identity before messages',
    'transport/call-gate.ts',
    '} catch (error) {\n              refuse(error);',
    '} catch {\n              forward(metadata);',
    'isolation/header',
  ),
  removal(
    'declared fields only',
    'wire/request.ts',
    'checkDeclared(schema, declared, decoded);',
    'void declared;',
    'isolation/references',
  ),
  removal(
    'no unknown fields',
    'wire/scan.ts',
    'readUnknownFields: false',
    'readUnknownFields: true',
    'isolation/references',
  ),
  removal(
    'a scan before generated codecs',
    'services/decode-own.ts',
    '  scanRequest(',
    '  void (',
    'isolation/names',
  ),
  removal(
    "reads without the caller's name",
    'services/points-read.ts',
    "call.message.collectionName = '';",
    '',
    'isolation/names',
  ),
  removal(
    "writes without the caller's name",
    'services/points-payload.ts',
    "message.collectionName = '';",
    '',
    'isolation/names',
  ),
  removal(
    'a filtered list',
    'services/list-collections.ts',
    'scope.ownName(name)',
    "name.replace(/^company_[^_]*_/, '')",
    'isolation/visibility',
    'isolation/facts',
  ),
  removal(
    'a look-up before reads',
    'services/points-read.ts',
    "await access.facts();\n  return read(deps, access, { method: 'Points/Get'",
    "return read(deps, access, { method: 'Points/Get'",
    'isolation/matrix',
  ),
  removal(
    'a look-up before writes',
    'services/points-payload.ts',
    '  await access.facts();\n',
    '',
    'isolation/matrix',
  ),
  removal(
    'facts by physical name',
    'services/facts.ts',
    'this.#entries.get(name.forBackend)',
    "this.#entries.get(name.forBackend.replace(/^company_[^_]*/, ''))",
    'isolation/facts',
  ),
  removal(
    'a time to live of facts',
    'services/facts.ts',
    'entry.expiresAtMs > this.#nowMs()',
    'entry.expiresAtMs > 0',
    'isolation/facts',
  ),
  removal(
    'facts dropped when not found',
    access,
    "error.reason === 'COLLECTION_NOT_FOUND' || error.reason === 'BACKEND_REJECTED'",
    "error.reason === 'BACKEND_REJECTED'",
    'isolation/facts',
  ),
  removal(
    'facts dropped when refused',
    access,
    "error.reason === 'COLLECTION_NOT_FOUND' || error.reason === 'BACKEND_REJECTED'",
    "error.reason === 'COLLECTION_NOT_FOUND'",
    'isolation/facts',
  ),
  removal(
    'a mismatch believed only when read again',
    access,
    'if (!mismatched(result)) return result;',
    'return result;',
    'isolation/facts',
  ),
  removal(
    'own names in texts',
    access,
    'collectionNotFound(this.collection, error)',
    'collectionNotFound(this.#placement.name.forBackend, error)',
    'isolation/matrix',
  ),
  removal(
    'the ids in flight on a stream',
    'services/stream-upsert/id-guard.ts',
    'if (this.#inFlight.has(key)) return true;',
    'if (this.#inFlight.size < 0) return true;',
    'unit/stream-upsert/order',
    'e2e/stream-upsert',
  ),
  removal(
    'the flush of a batch while the caller is silent',
    'services/stream-upsert/upsert-stream.ts',
    'else if (this.#batch.covers) await this.#flush();',
    'else if (this.#batch.covers) continue;',
    'e2e/stream-upsert',
  ),
  removal(
    'the quiet between the end of a stream and its summary',
    'services/stream-upsert/upsert-stream.ts',
    'sleep(this.#options.quietMs)',
    'undefined',
    'e2e/stream-ends',
    'e2e/stream-torn',
  ),
  removal(
    'the tear of a stream',
    'transport/client-stream.ts',
    'if (reads.tear !== undefined) throw reads.tear;',
    '',
    'e2e/stream-torn',
  ),
  removal(
    'the pause of reading at the bound of bytes',
    'transport/read-gate.ts',
    'return;\n    this.#isWaiting = true;\n    this.#stream.pause();',
    'return;\n    this.#isWaiting = true;',
    'e2e/stream-bytes',
  ),
  removal(
    'what is read only once the caller is known',
    'transport/call-gate.ts',
    'if (admitted instanceof Promise) admitted.then(() => forward(metadata)).catch(refuse);\n              else forward(metadata);',
    'forward(metadata);',
    'isolation/key-set-url',
    'unit/identity/token-verifier',
  ),
  removal(
    'the end of calls whose credential is gone',
    'transport/open-calls.ts',
    'call.end(new GatewayError(',
    'void (new GatewayError(',
    'isolation/live-keys',
  ),
  removal(
    'the reading of changed files',
    'identity/live-file.ts',
    'if (!isSame) await this.#load();',
    'void isSame;',
    'isolation/live-keys',
    'unit/identity/live-file',
  ),
  removal(
    'what held before, where a file is broken',
    'identity/live-file.ts',
    'this.#value = this.#parse(text);\n      this.#text = text;\n      this.#revision += 1;\n      //',
    "this.#value = JSON.parse('{}');\n      this.#text = text;\n      this.#revision += 1;\n      //",
    'unit/identity/live-file',
  ),
  removal(
    'revoked keys',
    'identity/keyring.ts',
    'if (known.revokedAtMs !== undefined)',
    'if (known.revokedAtMs === -1)',
    'isolation/live-keys',
  ),
  removal(
    'expired keys',
    'identity/keyring.ts',
    'if (known.principal.expiresAtMs <= Date.now())',
    'if (known.principal.expiresAtMs <= 0)',
    'isolation/live-keys',
  ),
  removal(
    'a limit to failed attempts',
    'identity/identity.ts',
    'if (delayMs > 0) throw tooManyFailures(delayMs);',
    '',
    'isolation/attempts',
  ),
  removal(
    'a limit to right guesses',
    'identity/identity.ts',
    'if (delayMs > 0 && !attempts.knows(address, principal.name))',
    'if (delayMs < 0)',
    'isolation/attempts',
  ),
  removal(
    'callers that were there before',
    'identity/identity.ts',
    '!attempts.knows(address, principal.name)',
    'address !== principal.name',
    'isolation/attempts',
  ),
  removal(
    'the signature of a token',
    'identity/tokens/token-verifier.ts',
    'await this.#jose.jwtVerify(token, keys.getKey, {',
    'await ((text: string, ..._rest: unknown[]) => ({ payload: this.#jose.decodeJwt(text) }))(token, {',
    'isolation/tokens',
  ),
  removal(
    'the algorithms of a key',
    'identity/tokens/token-verifier.ts',
    'algorithms: [...keys.algorithms],',
    '',
    'isolation/tokens',
  ),
  removal(
    'the issuer of a token',
    'identity/tokens/token-verifier.ts',
    '      issuer,\n      audience,\n',
    '      audience,\n',
    'isolation/tokens',
  ),
  removal(
    'the audience of a token',
    'identity/tokens/token-verifier.ts',
    '      issuer,\n      audience,\n',
    '      issuer,\n',
    'isolation/tokens',
  ),
  removal(
    'the end of a token',
    'identity/tokens/token-verifier.ts',
    'clockTolerance: clockToleranceMs / 1000,',
    'clockTolerance: 1e9,',
    'isolation/tokens',
  ),
  removal(
    'an end of every token',
    'identity/tokens/token-verifier.ts',
    "requiredClaims: ['exp'],",
    '',
    'isolation/tokens',
  ),
  removal(
    'a limit to the life of a token',
    'identity/tokens/token-verifier.ts',
    'expiresAtMs > Date.now() + maxLifetimeMs',
    'expiresAtMs > 1e15 + maxLifetimeMs',
    'isolation/tokens',
  ),
  removal(
    'tokens forgotten when keys change',
    'identity/tokens/token-verifier.ts',
    'this.#verified.clear();',
    '',
    'isolation/key-set-url',
  ),
  removal(
    'public keys only in a set',
    'identity/tokens/key-sets.ts',
    "if (key.kty === 'oct' || 'd' in key || 'k' in key)",
    "if (key.kty === '')",
    'unit/identity/key-set-url',
  ),
  removal(
    'a pause between fetches of a set',
    'identity/tokens/key-set-url.ts',
    'Date.now() - this.#fetchedAtMs < pauseMs',
    'pauseMs < 0',
    'isolation/key-set-url',
  ),
  removal(
    'a bound to the size of a set',
    'identity/tokens/key-set-url.ts',
    'if (bytes > maxBytes)',
    'if (bytes < 0)',
    'unit/identity/key-set-url',
  ),
  removal(
    "a certificate's whole subject",
    'identity/client-certificates.ts',
    'facts.subject === subject',
    "facts.subject !== '' && subject !== ''",
    'unit/identity/client-certificates',
    'isolation/certificates',
  ),
  removal(
    'a certificate that narrows a key',
    'identity/identity.ts',
    'if (certified === undefined) return found;',
    'return found;',
    'isolation/certificates',
  ),
  removal(
    'tokens for one collection',
    'backend/call-credentials.ts',
    'access: [{ collection, access }] }',
    "access: [{ collection: 'company_8_docs', access }, { collection, access }] }",
    'isolation/second-lock',
    'unit/backend/call-credentials',
  ),
  removal(
    'the cut of calls that do not read their end',
    'transport/open-calls.ts',
    'call.cutOff(told)',
    'void told',
    'isolation/live-export',
    'isolation/tokens',
  ),
];

const root = resolve(__dirname, '../..');
let copy: string;
beforeAll(() => {
  copy = mkdtempSync(join(tmpdir(), 'vector-gateway-guards-'));
  for (const name of ['src', 'test', 'proto', 'package.json', 'jest.config.cjs']) {
    cpSync(join(root, name), join(copy, name), { recursive: true });
  }
  symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'));
});
afterAll(() => rmSync(copy, { recursive: true, force: true }));

/** Tests passed and failed in the copy. */
function runSuites(suites: readonly string[]): { passed: number; failed: number } {
  const report = join(copy, 'report.json');
  const jest = join(root, 'node_modules', '.bin', 'jest');
  const { TEST_LONG: _notHere, QDRANT_URL: _norHere, ...env } = process.env;
  // A gateway without a guard may leave calls open: jest shall not wait for them.
  const options = ['--json', `--outputFile=${report}`, '--forceExit', '--runTestsByPath'];
  spawnSync(jest, [...options, ...suites], { cwd: copy, env, stdio: 'ignore', timeout: 100_000 });
  const result: unknown = JSON.parse(readFileSync(report, 'utf8'));
  rmSync(report);
  // The shape of jest's own report.
  const { numPassedTests, numFailedTests } = result as { numPassedTests: number; numFailedTests: number };
  return { passed: numPassedTests, failed: numFailedTests };
}

test('with every guard in place the suites pass in a copy of the sources', () => {
  const suites = [...new Set(removals.flatMap((each) => each.suites))];
  const { passed, failed } = runSuites(suites);
  expect(failed).toBe(0);
  expect(passed).toBeGreaterThan(1000);
}, 180_000);

// Some tests must still pass: a copy that does not even load would prove nothing.
test.each(removals)(
  'taking out "$guard" makes a test fail',
  ({ file, from, to, suites }) => {
    const path = join(copy, file);
    const source = readFileSync(path, 'utf8');
    expect(source).toContain(from);
    writeFileSync(path, source.replace(from, to));
    try {
      const { passed, failed } = runSuites(suites);
      expect(failed).toBeGreaterThan(0);
      expect(passed).toBeGreaterThan(0);
    } finally {
      writeFileSync(path, source);
    }
  },
  120_000,
);
