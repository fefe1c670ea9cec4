import { decodeBase64url } from "./base64url.ts";
import { isJsonObject } from "./is-json-object.ts";
import type { JwsLimits } from "./jws-limits.ts";
import { decodeStrictJson } from "./strict-json.ts";

/** The way a credential is not what it must be; the last part of the error code. */
export type JwsProblem = "SIZE" | "FORMAT" | "ENCODING" | "JSON" | "DUPLICATE_MEMBER" | "HEADER";

/** A JOSE header of this protocol. */
type Header = { readonly typ?: string; readonly alg: string; readonly kid?: string };

/** A compact JWS, read but not verified in any way. */
export interface CompactJws {
  readonly header: Header;
  readonly payload: Readonly<Record<string, unknown>>;
  /** What the signature is over: the ASCII of the first two segments. */
  readonly signingInput: string;
  readonly signature: Uint8Array;
}

const HEADER_MEMBERS: ReadonlySet<string> = new Set(["typ", "alg", "kid"]);

/**
 * Reads a compact JWS so strictly that one signed statement has one spelling (SPEC §6 step 1): bounded before anything is
 * parsed, exactly two dots, canonical base64url, strict JSON objects, and no header member besides `typ`, `alg`, `kid`,
 * which rules out `crit`, `b64`, `jwk`, `jku`, `x5c` and `x5u` without naming them (T4–T8).
 */
export function readCompactJws(token: unknown, limits: JwsLimits): CompactJws | JwsProblem {
  if (typeof token !== "string") return "FORMAT";
  if (token.length > limits.length) return "SIZE";
  const first = token.indexOf(".");
  const second = token.indexOf(".", first + 1);
  if (first < 0 || second < 0 || token.includes(".", second + 1)) return "FORMAT";

  // Everything is decoded, and measured, before anything is parsed: garbage costs least.
  const segment = token.slice(0, first);
  const known = headers.get(segment);
  const headerBytes = known ? undefined : decodeBase64url(segment);
  const payloadBytes = decodeBase64url(token.slice(first + 1, second));
  const signature = decodeBase64url(token.slice(second + 1));
  if (!signature || !payloadBytes || !(known || headerBytes)) return "ENCODING";
  if (!isWithin(limits, signature)) return "FORMAT";
  const header = known ?? readHeader(segment, headerBytes as Uint8Array);
  if (typeof header === "string") return header;
  if (header.typ === undefined && !limits.untyped) return "HEADER";
  const payload = readObject(payloadBytes);
  if (typeof payload === "string") return payload;
  return { header, payload, signingInput: token.slice(0, second), signature };
}

/** What keeps a token that was read by wider limits from being within narrower ones, if anything. */
export function limitProblem(
  token: string,
  { header, signature }: CompactJws,
  limits: JwsLimits,
): JwsProblem | undefined {
  if (token.length > limits.length) return "SIZE";
  if (!isWithin(limits, signature)) return "FORMAT";
  return header.typ === undefined && !limits.untyped ? "HEADER" : undefined;
}

function isWithin({ signature: { least, most } }: JwsLimits, { length }: Uint8Array): boolean {
  return length >= least && length <= most;
}

/**
 * Headers by the segment they were read from. All tokens of one key begin with the same one, and a segment can be read in
 * one way only, so that this decides nothing and saves a sixth of the reading.
 */
const headers = new Map<string, Header>();
const MAX_HEADERS = 64;

function readHeader(segment: string, bytes: Uint8Array): Header | JwsProblem {
  const header = readObject(bytes);
  if (typeof header === "string") return header;
  if (!isHeader(header)) return "HEADER";
  if (headers.size >= MAX_HEADERS) headers.clear();
  // The segment is a slice that would keep its whole token.
  headers.set(structuredClone(segment), Object.freeze(header));
  return header;
}

function readObject(bytes: Uint8Array): Record<string, unknown> | JwsProblem {
  if (!isBracketed(bytes)) return "JSON";
  const { value, problem } = decodeStrictJson(bytes);
  if (problem !== undefined) return problem === "json" ? "JSON" : "DUPLICATE_MEMBER";
  return isJsonObject(value) ? value : "JSON";
}

const WHITE_SPACE = "\t\n\r ";

/** Whether this can be an object or a list at all. Parsing anything else fails late and costs twenty times as much. */
function isBracketed(bytes: Uint8Array): boolean {
  const first = String.fromCharCode(bytes[0] ?? 0);
  const last = String.fromCharCode(bytes.at(-1) ?? 0);
  return `{[${WHITE_SPACE}`.includes(first) && `}]${WHITE_SPACE}`.includes(last);
}

function isHeader(header: Record<string, unknown>): header is Header & Record<string, unknown> {
  return (
    Object.keys(header).every((member) => HEADER_MEMBERS.has(member)) &&
    (!Object.hasOwn(header, "typ") || typeof header["typ"] === "string") &&
    typeof header["alg"] === "string" &&
    (!Object.hasOwn(header, "kid") || typeof header["kid"] === "string")
  );
}
