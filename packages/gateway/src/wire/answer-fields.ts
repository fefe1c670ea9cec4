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
  const connection: string[] = [];
  const known: [name: string, value: string][] = [];
  for (const [written, value] of headers) {
    const name = written.toLowerCase();
    if (name === "connection") connection.push(value);
    else if (PASSED.has(name) || (cors && name.startsWith("access-control-"))) known.push([name, value]);
  }
  const left = hopByHop(connection);
  const passed: Record<string, string> = {};
  for (const [name, value] of known) {
    if (left.has(name) || isOwnField(name.replaceAll("_", "-"))) continue;
    const written = name === "www-authenticate" ? challenge(value, metadata) : value;
    passed[name] = passed[name] === undefined ? written : `${passed[name]}, ${written}`;
  }
  return passed;
}

function challenge(value: string, metadata: string | undefined): string {
  if (metadata !== undefined) return value.replace(RESOURCE_METADATA, `$1"${metadata}"`);
  return value.replace(/,?\s*resource_metadata\s*=\s*(?:"[^"]*"|[^\s,]+)/gi, "");
}
