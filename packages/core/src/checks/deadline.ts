/** How long a resolver, a replay cache or a revocation list may take before it counts as unavailable, in milliseconds. */
const SEAM_DEADLINE_MS = 10_000;

/** Settles as `work` does, or rejects after `SEAM_DEADLINE_MS`: one that never answers must not hold a request for ever. */
export async function withinDeadline<T>(work: Promise<T>): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const deadline = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error("No answer within the deadline")), SEAM_DEADLINE_MS);
  });
  try {
    return await Promise.race([work, deadline]);
  } finally {
    clearTimeout(timer);
  }
}
