/** An encoded message that is written once, where it is sent, and needs no buffer of its own before. A Buffer is one. */
export interface MessageBody {
  /** Bytes. */
  readonly length: number;
  /** Writes all of it into `target`, from `at` on. May be asked more than once. */
  copy(target: Buffer, at: number): unknown;
}
