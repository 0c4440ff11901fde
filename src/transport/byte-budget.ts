export interface ByteBudgetOptions {
  readonly maxProcessBytes: number;
  /** For all calls of one tenant. */
  readonly maxTenantBytes: number;
  readonly maxCallBytes: number;
}

/**
 * Bounds the bytes of requests that are held at a time, over all calls, for those of a tenant and for each. Who finds
 * no room waits, first come first served. A call that holds nothing is always served when nobody else holds anything:
 * one message may be larger than the bound.
 */
export class ByteBudget {
  readonly #options: ByteBudgetOptions;
  // In the order in which they began to wait.
  readonly #waiting = new Set<CallAccount>();
  // Tenants that hold nothing are not here, so there are no more than calls.
  readonly #tenantBytes = new Map<string, number>();
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
      change: ({ tenant }, bytes) => {
        this.#heldBytes += bytes;
        if (tenant !== undefined) this.#changeTenant(tenant, bytes);
        if (bytes < 0) this.#serve();
      },
      wait: (account) => this.#waiting.add(account),
      leave: (account) => this.#waiting.delete(account),
    });
  }

  #fits(account: CallAccount, bytes: number): boolean {
    if (!this.#fitsCall(account, bytes)) return false;
    if (isSmallFirst(account, bytes)) return true;
    if (!this.#fitsTenant(account, bytes) || !this.#fitsProcess(account, bytes)) return false;
    return !this.#isQueued(account);
  }

  // Whoever comes now stands behind those that wait for the process, and those of its tenant that wait for the tenant;
  // a call that waits for itself is in nobody's way.
  #isQueued({ tenant }: CallAccount): boolean {
    for (const waiting of this.#heads()) {
      if (waiting.tenant === tenant || this.#fitsTenant(waiting, waiting.waitingBytes)) return true;
    }
    return false;
  }

  /** Those that wait for a bound that is not their own; of a tenant that is full only the first. */
  *#heads(): Generator<CallAccount> {
    const fullTenants = new Set<string | undefined>();
    for (const account of this.#waiting) {
      const { tenant, waitingBytes } = account;
      if (!this.#fitsCall(account, waitingBytes) || fullTenants.has(tenant)) continue;
      if (!this.#fitsTenant(account, waitingBytes)) fullTenants.add(tenant);
      yield account;
    }
  }

  #fitsCall(account: CallAccount, bytes: number): boolean {
    return account.heldBytes === 0 || account.heldBytes + bytes <= this.#options.maxCallBytes;
  }

  #fitsTenant({ tenant }: CallAccount, bytes: number): boolean {
    if (tenant === undefined) return true;
    const heldBytes = this.#tenantBytes.get(tenant) ?? 0;
    return heldBytes === 0 || heldBytes + bytes <= this.#options.maxTenantBytes;
  }

  #changeTenant(tenant: string, bytes: number): void {
    const heldBytes = (this.#tenantBytes.get(tenant) ?? 0) + bytes;
    if (heldBytes === 0) this.#tenantBytes.delete(tenant);
    else this.#tenantBytes.set(tenant, heldBytes);
  }

  #fitsProcess(account: CallAccount, bytes: number): boolean {
    if (this.#heldBytes === 0) return true;
    if (isSmallFirst(account, bytes)) return true;
    return this.#heldBytes + bytes <= this.#options.maxProcessBytes;
  }

  #serve(): void {
    for (const account of this.#heads()) {
      const { waitingBytes } = account;
      if (!this.#fitsTenant(account, waitingBytes)) continue;
      // Room that is too small for the first is not given to those behind it, or a large message waits for ever.
      if (!this.#fitsProcess(account, waitingBytes)) return;
      this.#waiting.delete(account);
      account.grant();
    }
  }
}

interface Ledger {
  readonly fits: (account: CallAccount, bytes: number) => boolean;
  readonly change: (account: CallAccount, bytes: number) => void;
  readonly wait: (account: CallAccount) => void;
  readonly leave: (account: CallAccount) => void;
}

/** What one call holds and waits for. */
export class CallAccount {
  readonly #ledger: Ledger;
  #tenant: string | undefined;
  #heldBytes = 0;
  #waitingBytes = 0;
  #onGrant: () => void = () => undefined;

  /** @internal Use ByteBudget.open. */
  constructor(ledger: Ledger) {
    this.#ledger = ledger;
  }

  /** Undefined for a call that acts for nobody. */
  get tenant(): string | undefined {
    return this.#tenant;
  }

  /** Says for whom the call acts; what it holds already is the tenant's too. */
  belongTo(tenant: string): void {
    const heldBytes = this.#heldBytes;
    this.change(-heldBytes);
    this.#tenant = tenant;
    this.change(heldBytes);
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
    this.#ledger.change(this, bytes);
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
