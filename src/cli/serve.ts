import { type Gateway, readVersion, startGateway } from '../app/index.js';
import { type Config, type Flags, readConfig } from '../config/index.js';
import { createLogger, type Logger } from '../observe/index.js';
import { bannerText } from './banner.js';
import type { CliIo, ExitCode } from './cli-io.js';
import { startProblem } from './start-problem.js';
import { watchProcess } from './watch-process.js';

/** Runs the gateway until a signal ends it. Throws ConfigError when the settings are wrong. */
export async function serve(io: CliIo, flags: Flags): Promise<ExitCode> {
  const config = readConfig(io.env, flags);
  const log = createLogger({ level: config.log.level, format: config.log.format });
  for (const warning of config.warnings) log.warn(warning);
  const watch = watchProcess(log, config.shutdownGraceMs);
  try {
    const gateway = await open(config, log);
    announce(io, config, log, gateway);
    return await watch.untilEnd(gateway);
  } finally {
    watch.stop();
    log.flush();
  }
}

async function open(config: Config, log: Logger): Promise<Gateway> {
  try {
    return await startGateway(config, log);
  } catch (error) {
    log.debug('the gateway did not start', { err: error });
    throw startProblem(error, config);
  }
}

function announce(io: CliIo, config: Config, log: Logger, gateway: Gateway): void {
  const version = readVersion();
  if (!io.isTerminal) {
    const { address, backend, dataDir, identity, metricsAddress } = gateway;
    log.info('serving', { version, address, backend, dataDir, identity, metricsAddress, pid: process.pid });
    return;
  }
  // Lines that were logged before must not come after it.
  log.flush();
  io.out(bannerText(config, gateway, version));
}
