import { existsSync } from 'node:fs';
import { join } from 'node:path';

/**
 * The worker's JavaScript: beside this module in dist/. Tests run the sources through a compiler of their own,
 * which a worker thread does not have; they use the compiled output of the same checkout.
 */
export function workerEntry(): string {
  const beside = join(__dirname, '..', 'worker.js');
  if (existsSync(beside)) return beside;
  return join(__dirname, '..', '..', '..', 'dist', 'embedded', 'worker.js');
}
