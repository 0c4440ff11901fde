import { serveParent } from './child.js';
import { startDelayProxy } from './delay-proxy.js';

export interface DistanceInput {
  readonly target: string;
  readonly roundTripMs: number;
}

serveParent(
  async ({ target, roundTripMs }: DistanceInput) => (await startDelayProxy(target, roundTripMs)).address,
);
