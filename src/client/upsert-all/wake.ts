/** Several waits for "something has changed": each looks for itself whether it is what it waits for. */
export class Wake {
  #waiting: (() => void)[] = [];

  /** Resolves at the next wake(). */
  next(): Promise<void> {
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  async until(holds: () => boolean): Promise<void> {
    while (!holds()) await this.next();
  }

  wake(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const resolve of waiting) resolve();
  }
}
