import { type Kernel, loadKernel } from '../kernel/kernel.js';

/** One block holds at least one vector of the largest size (65,536 floats). */
export const BLOCK_BYTES = 256 * 1024;

const PAGES_PER_BLOCK = BLOCK_BYTES / 65_536;
/** The memory grows by this many blocks at once: each growth replaces the views. */
const GROWTH_BLOCKS = 16;
const RESERVED_BLOCKS = 3;

/**
 * The memory that the kernel scans: blocks of one size with a free list, shared by all collections (a WASM
 * memory per collection runs out of address space at some 13,000). The first three blocks are the query, the
 * scores of one call, and a stage for rows that are scanned from disk.
 */
export class Arena {
  readonly kernel: Kernel;
  readonly queryAt = 0;
  readonly scoresAt = BLOCK_BYTES;
  readonly stageAt = 2 * BLOCK_BYTES;
  readonly maxBlocks: number;
  #floats: Float32Array;
  #made = RESERVED_BLOCKS;
  #grown = RESERVED_BLOCKS;
  readonly #free: number[] = [];

  constructor(maxBytes: number) {
    const total = Math.max(RESERVED_BLOCKS + 1, Math.floor(maxBytes / BLOCK_BYTES));
    this.maxBlocks = total - RESERVED_BLOCKS;
    this.kernel = loadKernel(total * BLOCK_BYTES);
    this.kernel.memory.grow(RESERVED_BLOCKS * PAGES_PER_BLOCK - 1);
    this.#floats = new Float32Array(this.kernel.memory.buffer);
  }

  /** All memory as f32; ask again after allocate(), which may replace it. */
  get floats(): Float32Array {
    return this.#floats;
  }

  /** The byte address of a free block; undefined when the limit is reached. */
  allocate(): number | undefined {
    const reused = this.#free.pop();
    if (reused !== undefined) return reused;
    const total = this.maxBlocks + RESERVED_BLOCKS;
    if (this.#made >= total) return undefined;
    if (this.#made >= this.#grown && !this.#grow(Math.min(GROWTH_BLOCKS, total - this.#grown)))
      return undefined;
    return this.#made++ * BLOCK_BYTES;
  }

  release(block: number): void {
    this.#free.push(block);
  }

  #grow(blocks: number): boolean {
    try {
      this.kernel.memory.grow(blocks * PAGES_PER_BLOCK);
    } catch {
      return false; // The machine has less than the limit allows: the caller scans from disk instead.
    }
    this.#grown += blocks;
    this.#floats = new Float32Array(this.kernel.memory.buffer);
    return true;
  }
}
