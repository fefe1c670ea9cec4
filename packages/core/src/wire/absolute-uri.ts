/**
 * Whether a value is an absolute URI of visible ASCII, at most 2,000 characters after its scheme: a resource identifier
 * that both sides can compare byte for byte.
 */
export function isAbsoluteUri(value: unknown): value is string {
  return (
    typeof value === "string" && /^[A-Za-z][A-Za-z0-9+.-]*:[\x21-\x7e]{1,2000}$/.test(value) && URL.canParse(value)
  );
}
