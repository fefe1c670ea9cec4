import { pause } from "../pause.ts";

/** How long the work goes on without a pause, in milliseconds, and how often that is looked at. */
const SLICE_MS = 2;
const LOOK_EVERY = 256;

/** Calls for each item, and lets other work run every two milliseconds. What is iterated must not change meanwhile. */
export async function inSlices<T>(items: Iterable<T>, call: (item: T) => void): Promise<void> {
  let since = performance.now();
  let count = 0;
  for (const item of items) {
    call(item);
    if (++count % LOOK_EVERY !== 0 || performance.now() - since < SLICE_MS) continue;
    await pause();
    since = performance.now();
  }
}
