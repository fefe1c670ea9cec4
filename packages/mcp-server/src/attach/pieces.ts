/** Pieces that are kept as they are, before small ones are copied together. */
const KEPT = 64;
/** Bytes into which small pieces are copied, and from which on a piece is not small. */
const BLOCK = 16 * 1024;
const NONE = new Uint8Array();

/**
 * What has come of a body so far. Its sender decides how small the pieces are, and each costs some hundred bytes besides its own: many
 * small ones are copied together, so that they take little more than what they hold (T17).
 */
export class Pieces {
  readonly #pieces: Uint8Array[] = [];
  #block = NONE;
  #used = 0;
  #length = 0;

  /** Bytes in all. */
  get length(): number {
    return this.#length;
  }

  /** Adds a piece. Whether it is copied depends on its size, so it must not change. */
  push(piece: Uint8Array): void {
    this.#length += piece.length;
    if (this.#pieces.length < KEPT || piece.length >= BLOCK) {
      this.#endBlock();
      this.#pieces.push(piece);
      return;
    }
    if (this.#used + piece.length > this.#block.length) {
      this.#endBlock();
      this.#block = new Uint8Array(BLOCK);
    }
    this.#block.set(piece, this.#used);
    this.#used += piece.length;
  }

  /** All of them, in their order. */
  take(): readonly Uint8Array[] {
    this.#endBlock();
    return this.#pieces;
  }

  #endBlock(): void {
    if (this.#used === 0) return;
    this.#pieces.push(this.#block.subarray(0, this.#used));
    this.#block = this.#block.subarray(this.#used);
    this.#used = 0;
  }
}
