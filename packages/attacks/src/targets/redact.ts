import { decodeBase64url } from "@attest/core";

/** Anything that is like a token, a key, a signature or a session id: long, and without a space. */
const OPAQUE = /[A-Za-z0-9_\-+/=.]{24,}/g;
const JWS = /^[A-Za-z0-9_-]+\.[A-Za-z0-9_\-+/=]*\.[A-Za-z0-9_\-+/=]*$/;
const LONGEST = 4000;
/** What would move a terminal's cursor or turn a text around. */
const CONTROLS = /[\p{Cc}\p{Cf}\u2028\u2029]/gu;

/**
 * Takes every secret out of a text, so that an exchange can be shown: of a token only its header and its length are left,
 * of anything else that is long and opaque only its length. What is no visible character is written out, so that a hostile
 * server's answer can be printed.
 */
export function redact(text: string): string {
  const visible = text.replace(CONTROLS, (control) => `\\u{${control.codePointAt(0)?.toString(16)}}`);
  const shown = visible.replace(OPAQUE, (match) => {
    if (isPlain(match)) return match;
    const header = JWS.test(match) ? headerOf(match) : undefined;
    return header === undefined ? `‹${match.length} characters›` : `‹token ${header}, ${match.length} characters›`;
  });
  return shown.length > LONGEST ? `${shown.slice(0, LONGEST)} ‹… ${shown.length - LONGEST} more›` : shown;
}

/** Names of ours and of MCP, paths and media types: long, but of words. */
function isPlain(text: string): boolean {
  return /^(?:[a-z]{1,20}[./_-]?|[A-Z]?[a-z]{1,20}[./_-]?){2,}$/.test(text) || /^(?:[A-Z]+_)+[A-Z]+$/.test(text);
}

function headerOf(token: string): string | undefined {
  const bytes = decodeBase64url(token.slice(0, token.indexOf(".")));
  if (!bytes) return undefined;
  const header = new TextDecoder().decode(bytes);
  // A header can hold a key; what can be long is not shown.
  return header.startsWith("{") ? header.replace(/"[^"]{48,}"/g, '"…"').slice(0, 200) : undefined;
}
