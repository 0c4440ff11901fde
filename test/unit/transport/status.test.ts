import type { Metadata } from '@grpc/grpc-js';
import { GatewayError } from '../../../src/errors/index.js';
import { BadRequest, ErrorInfo, RetryInfo } from '../../../src/gen/google/rpc/error_details.js';
import { Status } from '../../../src/gen/google/rpc/status.js';
import { toStatus } from '../../../src/transport/status.js';

function detailsOf(metadata: Metadata): { status: Status; byType: Map<string, Uint8Array>; bytes: number } {
  const [value] = metadata.get('grpc-status-details-bin');
  if (!Buffer.isBuffer(value)) throw new Error('no details');
  const status = Status.decode(value);
  const byType = new Map(status.details.map((detail) => [detail.typeUrl.split('/')[1] ?? '', detail.value]));
  return { status, byType, bytes: value.length };
}

describe('statuses', () => {
  it('carry reason, domain, violations and the retry delay', () => {
    const error = new GatewayError('CIRCUIT_OPEN', 'try later', {
      retryDelayMs: 1500,
      violations: [{ field: 'a.b', description: 'bad', reason: 'FIELD_INVALID' }],
    });
    const { code, details, metadata } = toStatus(error);
    expect([code, details]).toEqual([14, 'try later']);
    const { status, byType } = detailsOf(metadata);
    expect([status.code, status.message]).toEqual([14, 'try later']);
    const info = ErrorInfo.decode(byType.get('google.rpc.ErrorInfo') ?? new Uint8Array());
    expect([info.reason, info.domain]).toEqual(['CIRCUIT_OPEN', 'vectorgateway']);
    const bad = BadRequest.decode(byType.get('google.rpc.BadRequest') ?? new Uint8Array());
    expect(bad.fieldViolations).toEqual([{ field: 'a.b', description: 'bad', reason: 'FIELD_INVALID' }]);
    const retry = RetryInfo.decode(byType.get('google.rpc.RetryInfo') ?? new Uint8Array());
    expect(retry.retryDelay).toEqual({ seconds: 1n, nanos: 500_000_000 });
    expect(metadata.get('retry-after')).toEqual(['2']);
  });

  it('stay below 4 KiB however much is wrong, and end the list with a count', () => {
    const violations = Array.from({ length: 10_000 }, (_, index) => ({
      field: `points[${index}].payload.${'é'.repeat(300)}`,
      description: '日本'.repeat(200),
    }));
    const { metadata } = toStatus(new GatewayError('POINT_INVALID', 'x'.repeat(100_000), { violations }));
    const { byType, bytes } = detailsOf(metadata);
    expect(bytes).toBeLessThan(4096);
    const listed = BadRequest.decode(byType.get('google.rpc.BadRequest') ?? new Uint8Array()).fieldViolations;
    expect(listed.at(-1)?.description).toBe(`and ${10_000 - listed.length + 1} more`);
  });

  it('are well formed although the text was cut inside an emoji or holds half of one', () => {
    for (const text of [`${'a'.repeat(499)}😀`, 'half \ud83d', '\ude00 half', `${'😀'.repeat(600)}`]) {
      const { details } = toStatus(new GatewayError('FIELD_INVALID', text));
      // grpc-js percent-encodes the text: a lone surrogate throws there and the caller waits for ever.
      expect(() => encodeURI(details)).not.toThrow();
    }
    expect(() => encodeURI('half \ud83d')).toThrow(URIError);
  });

  it('say nothing of an unexpected throw', () => {
    const { code, details, metadata } = toStatus(new TypeError('cannot read company_42_docs of undefined'));
    expect([code, details]).toEqual([13, 'internal error']);
    expect(JSON.stringify(metadata.toJSON())).not.toContain('company_');
    expect(detailsOf(metadata).status.message).toBe('internal error');
  });
});
