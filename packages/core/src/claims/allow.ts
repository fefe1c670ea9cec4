import type { ClaimReader } from "./claim-reader.ts";

/**
 * What a delegation lets its holder do: names of tools and prompts, and URIs of resources. What is missing allows nothing of its
 * kind. An entry that ends in `*` is a prefix, every other one is exactly that text (SPEC §21).
 */
export interface Allow {
  /** Names of tools that may be called. Absent: none. */
  readonly tools?: readonly string[];
  /** URIs of resources that may be read. Absent: none. */
  readonly resources?: readonly string[];
  /** Names of prompts that may be fetched. Absent: none. */
  readonly prompts?: readonly string[];
}

/** The members of `Allow`. */
type AllowedKind = keyof Allow;

const KINDS: readonly AllowedKind[] = ["tools", "resources", "prompts"];
const NAME = /^[\x20-\x7e]{1,256}$/;
const URI = /^[\x21-\x7e]{1,2048}$/;
/** What may stand before the `*` of a URI: nothing, or a scheme and, after `//`, the whole of the authority. */
const URI_PREFIX = /^(?:[a-z][a-z0-9+.-]*:(?:\/\/[^/?#\\]*\/.*|(?!\/\/).*))?$/;

/** Reads `allow`. A member of it that is not known makes it invalid: it could mean less than a reader thinks. */
export function readAllow(reader: ClaimReader): Allow | undefined {
  const read = reader.optionalObject("allow");
  if (!read) return undefined;
  read.only(KINDS);
  const lists = KINDS.map((kind) => [
    kind,
    read.optionalEntries(kind, kind === "resources" ? isUriEntry : isNameEntry),
  ]);
  return Object.freeze(Object.fromEntries(lists.filter(([, entries]) => entries !== undefined)));
}

function isNameEntry(entry: string): boolean {
  return NAME.test(entry);
}

function isUriEntry(entry: string): boolean {
  return URI.test(entry) && (!entry.endsWith("*") || URI_PREFIX.test(entry.slice(0, -1)));
}

/** Whether a name of a tool or prompt meets one of the entries. */
export function allowsName(entries: readonly string[] | undefined, name: unknown): boolean {
  if (typeof name !== "string" || entries === undefined) return false;
  return entries.some((entry) => (entry.endsWith("*") ? name.startsWith(entry.slice(0, -1)) : name === entry));
}

/** Whether the URI of a resource meets one of the entries, whatever a server makes of it before it looks the resource up. */
export function allowsUri(entries: readonly string[] | undefined, uri: unknown): boolean {
  if (typeof uri !== "string" || entries === undefined) return false;
  return entries.some((entry) => (entry.endsWith("*") ? meetsPrefix(uri, entry.slice(0, -1)) : uri === entry));
}

/** The characters of URIs that no reader takes for others, and complete percent-encodings. */
const PLAIN = /^(?:[A-Za-z0-9\-._~!$&'()*+,;=:@/?#]|%[0-9A-Fa-f]{2})*$/;
/** A dot, a slash, a backslash or a percent sign, encoded: readers differ on when they decode those. */
const ENCODED = /%(?:2e|2f|5c|25)/i;

/** The rule is for what follows the prefix; a prefix that ends within a segment or an encoding must not get around it. */
function meetsPrefix(uri: string, prefix: string): boolean {
  if (!uri.startsWith(prefix)) return false;
  return [uri.slice(prefix.length), uri.replace(/^[A-Za-z][A-Za-z0-9+.-]*:/, "")].every(isPlain);
}

/** Whether a text means the same before and after a reader resolves dot segments, as both SDKs do. */
function isPlain(text: string): boolean {
  if (!PLAIN.test(text) || ENCODED.test(text)) return false;
  return !text.split(/[/?#]/).some((segment) => segment === "." || segment.startsWith(".."));
}
