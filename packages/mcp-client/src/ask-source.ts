import { AttestationError, type AttestationKind, type IssuanceEvent, notify, type Observer } from "@attest/core";
import { abortable } from "./abortable.ts";

/** A source has this long to answer, in milliseconds. */
const DEADLINE_MS = 10_000;

/**
 * Asks a source for a token within a deadline, and reports what came of it. What went wrong there is not repeated, since its words
 * could hold a secret; an `AttestationError` holds none (O1), so its message is, and it becomes the cause.
 *
 * @throws AttestationError `ERR_SOURCE_UNAVAILABLE`.
 */
export async function askSource(
  format: AttestationKind,
  observer: Observer | undefined,
  call: (signal: AbortSignal) => Promise<string>,
): Promise<string> {
  const started = performance.now();
  const report = (outcome: Pick<IssuanceEvent, "outcome" | "code">) =>
    notify(observer, {
      type: "issuance",
      format,
      profile: format === "bearer" ? "bearer" : "bound",
      duration: (performance.now() - started) / 1000,
      ...outcome,
    });
  const signal = AbortSignal.timeout(DEADLINE_MS);
  try {
    const token = await abortable(call(signal), signal);
    report({ outcome: "issued" });
    return token;
  } catch (error) {
    report({ outcome: "failed", code: "ERR_SOURCE_UNAVAILABLE" });
    if (error instanceof AttestationError) throw noAttestation(error.message, { cause: error });
    if (signal.aborted) throw noAttestation(`the source did not answer within ${DEADLINE_MS} ms`);
    throw noAttestation(
      `the source failed (${kindOf(error)}). The error's message is withheld, as it could hold a secret: throw an ` +
        "AttestationError from the source to see it here",
    );
  }
}

/** That no attestation is available, and why. */
export function noAttestation(why: string, options?: ErrorOptions): AttestationError {
  return new AttestationError("ERR_SOURCE_UNAVAILABLE", `No attestation is available: ${why}`, options);
}

/** What was thrown, by the language's own word for it: the error's name and message are its author's, and could hold anything (O1). */
function kindOf(error: unknown): string {
  const kinds = [TypeError, RangeError, SyntaxError, ReferenceError, DOMException, Error];
  return kinds.find((kind) => error instanceof kind)?.name ?? typeof error;
}
