#!/usr/bin/env node
import { processIo, runCli } from './cli/index.js';

// What a part left open must not keep a process that is done; whoever waits for it is a supervisor with a timeout.
const LINGER_MS = 1_000;

// A command that waits for what never comes ends when nothing else is left; that is a fault, and no success.
process.exitCode = 70;
runCli(process.argv.slice(2), processIo()).then((exitCode) => {
  process.exitCode = exitCode;
  setTimeout(() => process.exit(), LINGER_MS).unref();
});
