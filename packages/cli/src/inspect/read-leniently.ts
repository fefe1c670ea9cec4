import { decodeAttestation, decodeBase64url, decodeStrictJson, isJsonObject } from "@attest/core";
import { foreignKindOf } from "./foreign-kind.ts";
import { malformed, type Remark } from "./remark.ts";

export type JsonObject = Readonly<Record<string, unknown>>;

/** What can be made out of a text that should be a compact JWS, however it is spelt. */
export interface LenientReading {
  readonly header?: JsonObject;
  readonly payload?: JsonObject;
  /** Why strict readers refuse it; empty if they do not. */
  readonly findings: readonly Remark[];
}

const MAX_LENGTH = 6 * 1024;
/** Text that nests deeper is not even parsed here. */
const MAX_NESTING = 256;

/** Header members besides `typ`, `alg` and `kid`, and what they try. */
const FORBIDDEN_MEMBERS: Readonly<Record<string, string>> = {
  jwk: "carries the key that it is to be verified with",
  x5c: "carries the certificate that it is to be verified with",
  jku: "points to a key set of its own choice on the network",
  x5u: "points to a certificate of its own choice on the network",
  x5t: "names a certificate",
  crit: "demands JOSE extensions",
  b64: "changes what the signature covers",
  enc: "belongs to an encrypted token",
  zip: "asks for decompression",
};

/** Reads a text as far as it goes, and says everything about its form that a strict reader would refuse. */
export function readLeniently(text: string): LenientReading {
  const findings: Remark[] = [];
  if (text.length > MAX_LENGTH) findings.push(malformed("too-large", `Longer than ${MAX_LENGTH} characters`));
  const segments = text.split(".", 6);
  if (segments.length !== 3) findings.push(malformed("not-a-jws", segmentsProblem(segments.length)));
  const [headerText, payloadText, signatureText] = segments;
  const header = headerText === undefined ? undefined : readObject("header", headerText, findings);
  const payload = payloadText === undefined ? undefined : readObject("payload", payloadText, findings);
  const signature = signatureText === undefined ? undefined : readSegment("signature", signatureText, findings);
  const foreign = foreignKindOf(text);
  if (segments.length === 3 && signature?.length !== 64 && !foreign) {
    const length = signature?.length ? `The signature has ${signature.length} bytes` : "There is no signature";
    findings.push(malformed("signature-length", `${length}; Ed25519 and ES256 have 64`));
  }
  if (header) findings.push(...headerFindings(header));
  const problem = foreign ? undefined : strictProblem(text);
  // The strict reader has the last word, should it see something that was not seen here.
  if (problem !== undefined && findings.length === 0) findings.push(malformed("not-strict", problem));
  return { ...(header && { header }), ...(payload && { payload }), findings };
}

function segmentsProblem(count: number): string {
  if (count === 5) return "Five segments, as of an encrypted token (JWE): nothing in it can be read without its key";
  return `${count > 5 ? "More than five" : count} segment${count === 1 ? "" : "s"} where a token has three`;
}

function readObject(name: string, text: string, findings: Remark[]): JsonObject | undefined {
  const bytes = readSegment(name, text, findings);
  const strict = decodeStrictJson(bytes);
  if (strict.problem === undefined) {
    if (isJsonObject(strict.value)) return strict.value;
    findings.push(malformed("not-an-object", `The ${name} is JSON, but not an object`));
    return undefined;
  }
  if (strict.problem === "duplicate-member") {
    const message = `The ${name} repeats a member: readers disagree about which one counts`;
    findings.push(malformed("duplicate-member", message));
  } else {
    findings.push(malformed("not-strict-json", `The ${name} ${jsonProblem(bytes)}`));
  }
  return parseLaxly(bytes);
}

function readSegment(name: string, text: string, findings: Remark[]): Uint8Array {
  const bytes = decodeBase64url(text);
  if (bytes) return bytes;
  findings.push(malformed("not-canonical", `The ${name} ${encodingProblem(text)}`));
  return Buffer.from(text, "base64url");
}

function encodingProblem(text: string): string {
  if (/\s/.test(text)) return "contains white space";
  if (text.includes("=")) return "is padded with `=`, which tokens do not allow";
  if (/[+/]/.test(text)) return "uses the standard base64 alphabet instead of base64url";
  if (/[^A-Za-z0-9_-]/.test(text)) return "contains characters that are not base64url";
  return "is not in its one canonical base64url spelling: its last character has stray bits, or one is missing";
}

function jsonProblem(bytes: Uint8Array): string {
  if (bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf) return "begins with a byte-order mark";
  try {
    JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch (error) {
    return error instanceof SyntaxError ? "is not JSON" : "is not valid UTF-8";
  }
  return "nests deeper than 16 levels, or contains half a surrogate pair";
}

/** What a lax reader would make of it: the last of repeated members, replacement characters for bad UTF-8. */
function parseLaxly(bytes: Uint8Array): JsonObject | undefined {
  const text = new TextDecoder().decode(bytes);
  if (nesting(text) > MAX_NESTING) return undefined;
  try {
    const value: unknown = JSON.parse(text);
    return isJsonObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

/** No less than how deep a JSON text nests: brackets within strings count too. */
function nesting(text: string): number {
  let depth = 0;
  let greatest = 0;
  for (const character of text) {
    if (character === "{" || character === "[") greatest = Math.max(greatest, ++depth);
    else if (character === "}" || character === "]") depth--;
  }
  return greatest;
}

function headerFindings(header: JsonObject): Remark[] {
  const findings: Remark[] = [];
  for (const name of Object.keys(header)) {
    if (name === "typ" || name === "alg" || name === "kid") continue;
    const attempt = Object.hasOwn(FORBIDDEN_MEMBERS, name) ? FORBIDDEN_MEMBERS[name] : "is not allowed";
    findings.push(malformed("header-member", `The header's \`${name}\` ${attempt}`));
  }
  for (const name of ["typ", "alg"]) {
    if (typeof header[name] === "string") continue;
    findings.push(malformed("header-member", `The header has no \`${name}\` that is a string`));
  }
  if (Object.hasOwn(header, "kid") && typeof header["kid"] !== "string") {
    findings.push(malformed("header-member", "The header's `kid` is not a string"));
  }
  return findings;
}

function strictProblem(text: string): string | undefined {
  try {
    decodeAttestation(text);
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}
