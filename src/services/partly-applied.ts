import { GatewayError } from '../errors/index.js';

/**
 * Qdrant changes the points that exist and answers NOT_FOUND when one of several ids does not: the caller must
 * hear both halves of that.
 */
export async function explainPartlyApplied<T>(ids: number, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof GatewayError) || error.reason !== 'POINT_NOT_FOUND' || ids < 2) throw error;
    throw new GatewayError(
      'POINT_NOT_FOUND',
      `${error.message}; the points of this call that do exist may have been changed`,
      { cause: error, metadata: { ...error.metadata, partly_applied: 'true' } },
    );
  }
}
