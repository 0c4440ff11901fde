import { parseArgs } from 'node:util';
import { callMetadata, type LoadOptions, runLoad } from './load-run.js';

// `npm run load -- --address 127.0.0.1:50051 --seconds 10`: a mixed load at a gateway that runs, then a table.

const usage = `npm run load -- [flags]
  --address <host:port>   gateway to drive (127.0.0.1:50051)
  --tenant <id>           tenant to act for (load)
  --key <api key>         sent as "authorization: Bearer …"; LOAD_API_KEY in the environment is safer
  --tls                   connect by TLS; --ca <file> names the certificates to trust
  --seconds <n>           how long to drive, 1 to 3600 (10)
  --callers <n>           loops at a time, 1 to 256 (8)
  --dimension <n>         size of the vectors, 1 to 4096 (1536)
`;

/** Undefined when only the usage was asked for. */
function readOptions(): LoadOptions | undefined {
  const { values } = parseArgs({
    options: {
      help: { type: 'boolean', short: 'h', default: false },
      address: { type: 'string', default: '127.0.0.1:50051' },
      tenant: { type: 'string', default: 'load' },
      key: { type: 'string' },
      tls: { type: 'boolean', default: false },
      ca: { type: 'string' },
      seconds: { type: 'string', default: '10' },
      callers: { type: 'string', default: '8' },
      dimension: { type: 'string', default: '1536' },
    },
  });
  if (values.help) return undefined;
  return {
    address: values.address,
    metadata: callMetadata(values.tenant, values.key ?? process.env.LOAD_API_KEY),
    tls: values.tls,
    caFile: values.ca,
    durationMs: whole('seconds', values.seconds, 3_600) * 1000,
    callers: whole('callers', values.callers, 256),
    dimension: whole('dimension', values.dimension, 4_096),
  };
}

function whole(name: string, text: string, max: number): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1 || value > max) {
    throw new Error(`--${name}: got ${JSON.stringify(text)}, allowed: a whole number from 1 to ${max}`);
  }
  return value;
}

async function main(): Promise<void> {
  let options: LoadOptions | undefined;
  try {
    options = readOptions();
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n${usage}`);
    process.exitCode = 2;
    return;
  }
  if (options === undefined) {
    process.stdout.write(usage);
    return;
  }
  const report = await runLoad(options);
  process.stdout.write(report.text);
  process.exitCode = report.errors === 0 ? 0 : 1;
}

main().catch((error: unknown) => {
  process.stderr.write(`load: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
});
