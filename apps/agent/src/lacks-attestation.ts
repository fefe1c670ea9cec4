/** How many causes are looked at. */
const MAX_CAUSES = 8;

/** Whether a call failed because its agent's source gave it nothing to attest with, wherever an SDK put that error. */
export function lacksAttestation(error: unknown): boolean {
  let look = error as { readonly code?: unknown; readonly cause?: unknown } | undefined;
  for (let i = 0; i < MAX_CAUSES && look; i++, look = look.cause as typeof look) {
    if (look.code === "ERR_SOURCE_UNAVAILABLE") return true;
  }
  return false;
}
