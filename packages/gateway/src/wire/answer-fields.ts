import { isOwnField } from "@attest/mcp-server/gate";
import { hopByHop } from "./request-fields.ts";

/** Fields of an answer that pass to the agent. `Mcp-Session-Id` is written again. */
const PASSED: ReadonlySet<string> = new Set([
  "content-type",
  "mcp-protocol-version",
  "www-authenticate",
  "cache-control",
  "retry-after",
  "allow",
  "vary",
]);
const RESOURCE_METADATA = /(resource_metadata\s*=\s*)(?:"[^"]*"|[^\s,]+)/gi;

/**
 * The fields of an answer as the agent gets them: a closed list (G1). The address of an OAuth challenge's metadata becomes that
 * of this gateway, by which alone the agent reaches the server.
 *
 * @param metadata The address of the gateway's own metadata; without one the parameter is removed from challenges.
 */
export function answerFields(
  headers: Iterable<readonly [string, string]>,
  { metadata, cors }: { readonly metadata: string | undefined; readonly cors: boolean },
): Record<string, string> {
  const all = [...headers].map(([name, value]) => [name.toLowerCase(), value] as const);
  const left = hopByHop(all.filter(([name]) => name === "connection").map(([, value]) => value));
  const passed: Record<string, string> = {};
  for (const [name, value] of all) {
    const known = PASSED.has(name) || (cors && name.startsWith("access-control-"));
    if (!known || left.has(name) || isOwnField(name.replaceAll("_", "-"))) continue;
    const written = name === "www-authenticate" ? challenge(value, metadata) : value;
    passed[name] = passed[name] === undefined ? written : `${passed[name]}, ${written}`;
  }
  return passed;
}

function challenge(value: string, metadata: string | undefined): string {
  if (metadata !== undefined) return value.replace(RESOURCE_METADATA, `$1"${metadata}"`);
  return value.replace(/,?\s*resource_metadata\s*=\s*(?:"[^"]*"|[^\s,]+)/gi, "");
}
