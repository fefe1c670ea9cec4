/** RFC 6901: nothing, or names each behind a slash, with `~0` and `~1` for `~` and `/`. */
const POINTER = /^(?:\/(?:[^~/]|~[01])*)+$/;
const MAX_POINTER = 512;

/** Whether a text is a pointer to a claim (RFC 6901), such as `/attestation_metadata/safety_level`. At most 512 characters. */
export function isClaimPointer(text: string): boolean {
  return text.length <= MAX_POINTER && POINTER.test(text);
}

/** The claim that a pointer (RFC 6901) points to; `undefined` if there is none. Own members only (T11). */
export function claimAt(claims: Readonly<Record<string, unknown>>, pointer: string): unknown {
  let at: unknown = claims;
  for (const escaped of pointer.split("/").slice(1)) {
    if (typeof at !== "object" || at === null) return undefined;
    const name = escaped.replaceAll("~1", "/").replaceAll("~0", "~");
    if (Array.isArray(at) && !/^(?:0|[1-9]\d{0,5})$/.test(name)) return undefined;
    if (!Object.hasOwn(at, name)) return undefined;
    at = (at as Record<string, unknown>)[name];
  }
  return at;
}
