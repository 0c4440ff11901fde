export interface ByteBudgetOptions {
  readonly maxProcessBytes: number;
  readonly maxCallBytes: number;
}

/**
 * Bounds the bytes of requests that are held at a time, over all calls and for each. Who finds no room waits, first
 * come first served. A call that holds nothing is always served when nobody else holds anything: one message may be
 * larger than the bound.
 */
export class ByteBudget {
  readonly #options: ByteBudgetOptions;
  // In the order in which they began to wait.
  readonly #waiting = new Set<CallAccount>();
  #heldBytes = 0;

  constructor(options: ByteBudgetOptions) {
    this.#options = options;
  }

  get heldBytes(): number {
    return this.#heldBytes;
  }

  open(): CallAccount {
    return new CallAccount({
      fits: (account, bytes) => this.#fits(account, bytes),
      change: (bytes) => {
        this.#heldBytes += bytes;
        if (bytes < 0) this.#serve();
      },
      wait: (account) => this.#waiting.add(account),
      leave: (account) => this.#waiting.delete(account),
    });
  }

  #fits(account: CallAccount, bytes: number): boolean {
    if (!this.#fitsCall(account, bytes)) return false;
    return isSmallFirst(account, bytes) || (!this.#isQueued() && this.#fitsProcess(account, bytes));
  }

  // Whoever comes now stands behind those that wait for the process; a call that waits for itself is in nobody's way.
  #isQueued(): boolean {
    for (const waiting of this.#waiting) if (this.#fitsCall(waiting, waiting.waitingBytes)) return true;
    return false;
  }

  #fitsCall(account: CallAccount, bytes: number): boolean {
    return account.heldBytes === 0 || account.heldBytes + bytes <= this.#options.maxCallBytes;
  }

  #fitsProcess(account: CallAccount, bytes: number): boolean {
    if (this.#heldBytes === 0) return true;
    if (isSmallFirst(account, bytes)) return true;
    return this.#heldBytes + bytes <= this.#options.maxProcessBytes;
  }

  #serve(): void {
    for (const account of this.#waiting) {
      // Room that is too small for the first is not given to those behind it, or a large message waits for ever.
      if (this.#fitsCall(account, account.waitingBytes)) {
        if (!this.#fitsProcess(account, account.waitingBytes)) return;
        this.#waiting.delete(account);
        account.grant();
      }
    }
  }
}

interface Ledger {
  readonly fits: (account: CallAccount, bytes: number) => boolean;
  readonly change: (bytes: number) => void;
  readonly wait: (account: CallAccount) => void;
  readonly leave: (account: CallAccount) => void;
}

/** What one call holds and waits for. */
export class CallAccount {
  readonly #ledger: Ledger;
  #heldBytes = 0;
  #waitingBytes = 0;
  #onGrant: () => void = () => undefined;

  /** @internal Use ByteBudget.open. */
  constructor(ledger: Ledger) {
    this.#ledger = ledger;
  }

  get heldBytes(): number {
    return this.#heldBytes;
  }

  get waitingBytes(): number {
    return this.#waitingBytes;
  }

  /** True when there was room; otherwise `onGrant` is called once there is, for all that is asked until then. */
  book(bytes: number, onGrant: () => void): boolean {
    const isFirst = this.#waitingBytes === 0;
    if (isFirst && this.#ledger.fits(this, bytes)) {
      this.change(bytes);
      return true;
    }
    this.#waitingBytes += bytes;
    this.#onGrant = onGrant;
    if (isFirst) this.#ledger.wait(this);
    return false;
  }

  /** Corrects or gives back what was booked, without waiting. */
  change(bytes: number): void {
    this.#heldBytes += bytes;
    this.#ledger.change(bytes);
  }

  /** @internal */
  grant(): void {
    const bytes = this.#waitingBytes;
    this.#waitingBytes = 0;
    this.change(bytes);
    this.#onGrant();
  }

  /** Gives up waiting. */
  stopWaiting(): void {
    this.#waitingBytes = 0;
    this.#ledger.leave(this);
  }
}

/** A search does not stand in line behind the bulk. */
function isSmallFirst(account: CallAccount, bytes: number): boolean {
  return account.heldBytes === 0 && bytes <= smallBytes;
}

// Messages up to this size are let in beyond the bound of the process, one a call.
const smallBytes = 64 * 1024;
