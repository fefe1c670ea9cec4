import { isJsonObject } from "@attest/core";
import { objectAt } from "@attest/mcp-server/gate";
import { encodedValue } from "../wire/field-value.ts";

const VERSION_KEY = "io.modelcontextprotocol/protocolVersion";
const NAMED_BY: Readonly<Record<string, string>> = {
  "tools/call": "name",
  "prompts/get": "name",
  "resources/read": "uri",
  "tasks/get": "taskId",
  "tasks/update": "taskId",
  "tasks/cancel": "taskId",
};
const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]{1,128}$/;
/** Levels of an input schema that are looked through. */
const MAX_DEPTH = 16;

type Declaration = readonly [field: string, path: readonly string[]];

/** What a message says in HTTP fields as well, in MCP 2026-07-28: a host over stdio writes none, and servers demand them. */
export class StatelessFields {
  /** By tool, the arguments that its listing declares as fields (`x-mcp-header`). */
  readonly #declared = new Map<string, readonly Declaration[]>();

  /** Learns from a list of tools that the host was given. */
  learn(result: unknown): void {
    const { tools } = isJsonObject(result) ? result : {};
    if (!Array.isArray(tools)) return;
    for (const { name, inputSchema } of tools.filter(isJsonObject)) {
      if (typeof name === "string") this.#declared.set(name, declarations(inputSchema, [], MAX_DEPTH));
    }
  }

  /** The fields of a message of the stateless era; none for others. */
  of(message: Record<string, unknown>): Record<string, string> {
    const { method, params } = message;
    const version = objectAt(params, "_meta")[VERSION_KEY];
    if (typeof version !== "string" || typeof method !== "string") return {};
    const fields: Record<string, string> = { "MCP-Protocol-Version": version, "Mcp-Method": method };
    const named = Object.hasOwn(NAMED_BY, method) ? NAMED_BY[method] : undefined;
    const name = named === undefined ? undefined : (params as Record<string, unknown>)[named];
    if (typeof name === "string") fields["Mcp-Name"] = encodedValue(name);
    if (method !== "tools/call" || typeof name !== "string") return fields;
    for (const [field, path] of this.#declared.get(name) ?? []) {
      const value = path.reduce<unknown>(
        (at, key) => (isJsonObject(at) ? at[key] : undefined),
        objectAt(params, "arguments"),
      );
      const isWritten = typeof value === "string" || typeof value === "boolean" || Number.isFinite(value);
      if (isWritten) fields[`Mcp-Param-${field}`] = encodedValue(String(value));
    }
    return fields;
  }
}

function declarations(schema: unknown, path: readonly string[], depth: number): readonly Declaration[] {
  if (!isJsonObject(schema) || depth === 0) return [];
  const field = schema["x-mcp-header"];
  const own: Declaration[] = typeof field === "string" && TOKEN.test(field) ? [[field, path]] : [];
  const properties = Object.entries(objectAt(schema, "properties"));
  return [...own, ...properties.flatMap(([name, inner]) => declarations(inner, [...path, name], depth - 1))];
}
