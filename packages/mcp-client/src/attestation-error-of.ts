import { quotedRefusal } from "./quoted-refusal.ts";
import { type RefusalInfo, refusalIn } from "./refusal-in.ts";

/** How many errors, causes and texts are looked at. */
const MAX_LOOKS = 32;

/**
 * Reads a refusal out of whatever an SDK or a framework threw: an `McpError` or `ProtocolError`, an HTTP error that quotes
 * the answer's body, a JSON-RPC `error` member, or an error that has one of these as its cause or in its text.
 *
 * Use it to tell people and programs why a call failed. A text may quote anybody, so never send a request again because
 * of it: this package does that by itself, where it is safe (SPEC-7.10).
 *
 * @returns `undefined` if the error is about something else.
 */
export function attestationErrorOf(error: unknown): RefusalInfo | undefined {
  const looks: unknown[] = [error];
  // Breadth first, so that what is nearest to the caller counts.
  for (let i = 0; i < looks.length && i < MAX_LOOKS; i++) {
    const found = lookAt(looks[i], looks);
    if (found) return found;
  }
  return undefined;
}

function lookAt(look: unknown, looks: unknown[]): RefusalInfo | undefined {
  if (typeof look === "string") return quotedRefusal(look);
  if (typeof look !== "object" || look === null) return undefined;
  const refusal = refusalIn(look);
  if (refusal) return refusal;
  const { error, data, cause, errors, message } = look as Record<string, unknown>;
  // v2 keeps the body of an HTTP error in `data.text`.
  const text = typeof data === "object" && data !== null ? (data as { text?: unknown }).text : undefined;
  looks.push(text, message, error, cause);
  if (Array.isArray(errors)) looks.push(...errors.slice(0, MAX_LOOKS));
  return undefined;
}
