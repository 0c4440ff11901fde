import { ExitCode } from './cli-io.js';

const codes = { SIGINT: ExitCode.INTERRUPTED, SIGTERM: ExitCode.TERMINATED } as const;
type SignalName = keyof typeof codes;
const names: readonly SignalName[] = ['SIGINT', 'SIGTERM'];

/** The first SIGINT or SIGTERM asks to stop; the second ends the process. */
export class Interrupts {
  readonly #onFirst: () => void;
  #code: ExitCode | undefined;

  constructor(onFirst: () => void) {
    this.#onFirst = onFirst;
    for (const name of names) process.on(name, this.#onSignal);
  }

  /** The exit code for the signal that came, as shells make them. */
  get code(): ExitCode | undefined {
    return this.#code;
  }

  close(): void {
    for (const name of names) process.off(name, this.#onSignal);
  }

  readonly #onSignal = (name: SignalName): void => {
    if (this.#code !== undefined) process.exit(codes[name]);
    this.#code = codes[name];
    this.#onFirst();
  };
}
