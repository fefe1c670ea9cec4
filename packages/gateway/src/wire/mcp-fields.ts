import { isJsonObject } from "@attest/core";
import { objectAt } from "@attest/mcp-server/gate";
import { decodedValue, encodedValue } from "./field-value.ts";
import { hopByHop, only, type RequestFields } from "./request-fields.ts";

/** The member of `params` that `Mcp-Name` repeats, by method (MCP 2026-07-28). */
const NAMED_BY: Readonly<Record<string, string>> = {
  "tools/call": "name",
  "prompts/get": "name",
  "resources/read": "uri",
  "tasks/get": "taskId",
  "tasks/update": "taskId",
  "tasks/cancel": "taskId",
};
const PARAM = "mcp-param-";
const VERSION_KEY = "io.modelcontextprotocol/protocolVersion";
/** Values of `arguments` that are compared with one field. */
const MAX_VALUES = 1024;

/**
 * The fields that repeat what a message says, as they go to the upstream: each once, and only where it says the same (G2).
 *
 * @returns The name of a field that is there twice or says something else, as a text; else the fields.
 */
export function mcpFields(fields: RequestFields, message: unknown): Record<string, string> | string {
  const passed: Record<string, string> = {};
  const left = hopByHop(fields.get("Connection"));
  const { method, params } = isJsonObject(message) ? message : {};
  const version = objectAt(params, "_meta")[VERSION_KEY];
  const named = typeof method === "string" && Object.hasOwn(NAMED_BY, method) ? NAMED_BY[method] : undefined;
  const name = named !== undefined && isJsonObject(params) ? params[named] : undefined;
  const repeated = [
    ["MCP-Protocol-Version", version],
    ["Mcp-Method", method],
    ["Mcp-Name", name],
  ] as const;
  for (const [field, said] of repeated) {
    if (fields.get(field).length === 0) continue;
    const value = only(fields, field);
    if (value === undefined) return field;
    // HTTP removes white space around a value, so one that is not encoded cannot say it.
    const same = typeof said === "string" && (decodedValue(value) === said || value === said.trim());
    if (said === undefined ? field === "Mcp-Method" : !same) return field;
    // Without a member that it repeats there is nothing that it could contradict, and no reader for it.
    if (typeof said === "string") passed[field] = encodedValue(said);
    else if (field === "MCP-Protocol-Version" && !left.has(field.toLowerCase())) passed[field] = value;
  }
  for (const field of fields.names().filter((each) => each.startsWith(PARAM))) {
    if (method !== "tools/call" || left.has(field)) continue;
    const value = only(fields, field);
    if (value === undefined || !isArgument(decodedValue(value), objectAt(params, "arguments"))) return "Mcp-Param";
    passed[field] = value;
  }
  return passed;
}

/** Whether some text, number or boolean among the arguments is written so. */
function isArgument(text: string | undefined, args: object): boolean {
  const pending: unknown[] = [args];
  for (let seen = 0; pending.length > 0 && seen < MAX_VALUES; seen++) {
    const value = pending.pop();
    if (typeof value === "object" && value !== null) pending.push(...Object.values(value).slice(0, MAX_VALUES));
    else if (value !== null && String(value) === text) return true;
  }
  return false;
}
