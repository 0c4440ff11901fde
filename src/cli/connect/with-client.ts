import type { Client } from '../../client/index.js';
import type { CliIo } from '../cli-io.js';
import { CommandError } from '../usage-error.js';
import { type ConnectionFlags, connect } from './connection-flags.js';
import { gatewayProblem, isGatewayError } from './gateway-problem.js';

/** Runs `use` with a client that is closed after it. Throws UsageError, or CommandError for what the gateway refuses. */
export async function withClient<Result>(
  io: CliIo,
  flags: ConnectionFlags,
  use: (client: Client) => Promise<Result>,
): Promise<Result> {
  const client = connect(flags, io);
  try {
    return await use(client);
  } catch (error) {
    throw isGatewayError(error) ? new CommandError(gatewayProblem(error, flags)) : error;
  } finally {
    client.close();
  }
}
