import { sha256 } from "#crypto";
import type { ClaimReader, Writable } from "./claim-reader.ts";

/** Digests of what the agent runs with, each `sha256:<64 lower-case hex digits>`. Never derive authorization from one alone. */
export interface AgentIntegrity {
  /** Of the agent's configuration. Absent where the authority does not state it. */
  readonly configHash?: string;
  /** Of its system prompt. Absent where the authority does not state it. */
  readonly systemPromptHash?: string;
}

/** The digest of a configuration or system prompt, as `AgentIntegrity` holds it: `sha256:<hex>` of its UTF-8. */
export async function computeHash(text: string): Promise<string> {
  const bytes = await sha256(text);
  return `sha256:${Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("")}`;
}

const HASH = /^sha256:[0-9a-f]{64}$/;

export function readAgentIntegrity(reader: ClaimReader): AgentIntegrity | undefined {
  const integrity = reader.optionalObject("agent_integrity");
  if (!integrity) return undefined;
  const configHash = integrity.optionalText("config_hash", HASH);
  const systemPromptHash = integrity.optionalText("system_prompt_hash", HASH);
  const read: Writable<AgentIntegrity> = {};
  if (configHash !== undefined) read.configHash = configHash;
  if (systemPromptHash !== undefined) read.systemPromptHash = systemPromptHash;
  return Object.freeze(read);
}

export function writeAgentIntegrity(integrity: AgentIntegrity): Record<string, unknown> {
  return { config_hash: integrity.configHash, system_prompt_hash: integrity.systemPromptHash };
}
