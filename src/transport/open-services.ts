import { service as healthService } from 'grpc-health-check';
import { ServerReflectionService as ReflectionV1 } from '../gen/grpc/reflection/v1/reflection.js';
import { ServerReflectionService as ReflectionV1Alpha } from '../gen/grpc/reflection/v1alpha/reflection.js';
import { qdrantHealthService } from './qdrant-health.js';
import type { AnyService } from './raw-services.js';

export const reflectionServices: readonly AnyService[] = [ReflectionV1, ReflectionV1Alpha];

/** Services that ask for no identity. */
export const openServices: readonly AnyService[] = [
  healthService,
  qdrantHealthService,
  ...reflectionServices,
];

const openPaths = new Set(openServices.flatMap((service) => Object.values(service).map(({ path }) => path)));

export function isOpenPath(path: string): boolean {
  return openPaths.has(path);
}
