import type { ServiceDeps, UnaryUseCase } from '../services/index.js';
import type { AccessScope } from '../tenancy/index.js';
import type { UnaryRow } from './rpc-table.js';

export type MakeUnaryRow = (needs: AccessScope, useCase: UnaryUseCase) => UnaryRow;

/** Makes rows of use cases that work with these. */
export function unaryRowsOver(deps: ServiceDeps): MakeUnaryRow {
  return (needs, useCase) => ({
    kind: 'unary',
    needs,
    handle: (scope, request, context) => useCase(deps, scope, request, context),
  });
}
