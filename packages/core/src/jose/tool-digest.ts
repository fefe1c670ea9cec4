import { digest } from "#crypto";
import { optionError } from "../errors.ts";
import type { MaybePromise } from "../maybe-promise.ts";
import { canonicalJson } from "./canonical-json.ts";
import { isJsonObject } from "./is-json-object.ts";

/** A tool as `tools/list` has it, as far as an agent decides by it. Other members may be there, and do not count. */
export interface ToolDefinition {
  /** By which it is called. At least one character. */
  readonly name: string;
  /** What the model reads of it. Absent where the list has none. */
  readonly description?: string | undefined;
  /** The JSON Schema of the arguments. Absent where the list has none. */
  readonly inputSchema?: object | undefined;
}

/**
 * `tool_digest` (SPEC §23): base64url SHA-256 of the RFC 8785 form of `{description, inputSchema, name}`, without what the
 * definition lacks. Take the tool from the list as it was received: with another spelling of the schema the digest differs.
 *
 * @param definition The tool as it was listed.
 * @throws AttestationError `ERR_OPTION` if that is no tool: without a name, with a description that is no text, or with a schema
 * that is no object of plain JSON of at most 63 levels.
 */
export function toolDigest(definition: ToolDefinition): MaybePromise<string> {
  if (typeof definition !== "object" || definition === null) throw optionError("definition", "must be a tool");
  const { description, inputSchema, name } = definition;
  if (typeof name !== "string" || name === "") throw optionError("definition.name", "must be the tool's name");
  if (description !== undefined && typeof description !== "string") {
    throw optionError("definition.description", "must be a string, or left out");
  }
  if (inputSchema !== undefined && !isJsonObject(inputSchema)) {
    throw optionError("definition.inputSchema", "must be the JSON Schema as tools/list has it, or left out");
  }
  const canonical = canonicalJson({ description, inputSchema, name });
  if (canonical === undefined) {
    throw optionError("definition", "must be plain JSON of at most 64 levels, as tools/list has it");
  }
  return digest(canonical);
}
