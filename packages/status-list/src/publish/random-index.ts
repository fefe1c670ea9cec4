/** Draws before a free index is looked for in order, beginning at a random one. */
const DRAWS = 64;

/**
 * A free index at random, so that it tells nothing of its key, of its age or of its neighbours.
 *
 * @returns `undefined` if none is free.
 */
export function randomFreeIndex(size: number, isTaken: (idx: number) => boolean): number | undefined {
  for (let draw = 0; draw < DRAWS; draw++) {
    const idx = randomBelow(size);
    if (!isTaken(idx)) return idx;
  }
  const start = randomBelow(size);
  for (let i = 0; i < size; i++) {
    const idx = (start + i) % size;
    if (!isTaken(idx)) return idx;
  }
  return undefined;
}

/** A uniform whole number from 0 to below `size`, at most 2^32. */
function randomBelow(size: number): number {
  // Numbers of the last, incomplete round would make the lowest ones likelier.
  const rounds = Math.floor(2 ** 32 / size);
  for (;;) {
    const [random = 0] = crypto.getRandomValues(new Uint32Array(1));
    if (random < rounds * size) return random % size;
  }
}
