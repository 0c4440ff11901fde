import { ExitCode } from '../cli-io.js';
import type { ConnectionFlags } from '../connect/connection-flags.js';
import { gatewayProblem, isGatewayError } from '../connect/gateway-problem.js';
import { DamagedSourceError, SourceError } from '../data/row.js';
import { UsageError } from '../usage-error.js';
import type { IngestRun } from './ingest-run.js';

/** How a run ended. */
export interface Outcome {
  readonly exitCode: ExitCode;
  /** Why it did not come to its end. */
  readonly problem?: string;
  /** What is settled was not what the source should have said. */
  readonly mustBeginAgain?: boolean;
}

/** Judges a run, and leaves on disk what the next one needs. Throws UsageError when a column is missing everywhere. */
export function endOf(run: IngestRun, flags: ConnectionFlags): Outcome {
  const { record, source } = run;
  try {
    if (source.problem instanceof UsageError) {
      record.discard();
      throw source.problem;
    }
    const outcome = outcomeOf(run, flags);
    if (outcome.problem === undefined || source.problem instanceof DamagedSourceError) record.finish();
    else record.save(source.problem instanceof SourceError);
    return outcome;
  } finally {
    record.close();
  }
}

function outcomeOf({ failure, interruption, source, record }: IngestRun, flags: ConnectionFlags): Outcome {
  const { stoppedAt, counts, openRows } = record.ledger;
  if (interruption !== undefined) {
    const open = openRows > 0 ? `; of ${openRows} rows more it is not known whether they are stored` : '';
    return { exitCode: interruption, problem: `stopped by a signal${open}` };
  }
  if (failure !== undefined) return { exitCode: ExitCode.FAILED, problem: failureText(failure.error, flags) };
  if (stoppedAt !== undefined) {
    const { row, line, refusal } = stoppedAt;
    const where = line === undefined ? `row ${row}` : `row ${row} (line ${line})`;
    return {
      exitCode: ExitCode.STRICT,
      problem: `--strict: ${where}: ${refusal.reason}: ${refusal.message}`,
    };
  }
  if (source.problem !== undefined) {
    const mustBeginAgain = source.problem instanceof DamagedSourceError;
    return { exitCode: ExitCode.FAILED, problem: source.problem.message, mustBeginAgain };
  }
  return { exitCode: counts.rejected > 0 ? ExitCode.REJECTED : ExitCode.OK };
}

function failureText(error: unknown, flags: ConnectionFlags): string {
  if (isGatewayError(error)) return gatewayProblem(error, flags);
  return error instanceof Error ? error.message : String(error);
}
