import { decodeStrictJson, isJsonObject, type ProofRequest, type VerificationRequest } from "@attest/core";
import type { Command } from "commander";
import { UsageError } from "../exit.ts";
import { readCredentialFile, readInput } from "./read-input.ts";

/** What a proof is for, as options. */
export interface ProofRequestOptions {
  readonly method?: string;
  readonly params?: string;
  readonly http?: string;
  readonly body?: string;
  readonly sessionId?: string;
  readonly accessToken?: string;
}

/** What a proof is for. */
export interface ProofSubject {
  readonly request: ProofRequest;
  readonly bound: { readonly sessionId?: string; readonly accessToken?: string };
  /** What a server acts on, where a body holds it: what a delegation allows is judged by it. */
  readonly dispatched?: NonNullable<VerificationRequest["dispatched"]>;
}

/** Adds the options that say what a proof is for. */
export function addProofRequestOptions(command: Command): Command {
  return command
    .option("--method <name>", "in-band: the MCP method that the proof is for, such as tools/call")
    .option("--params <json>", "in-band: its params, as JSON")
    .option("--http <method>", "HTTP fields: the HTTP method that the proof is for, such as POST")
    .option("--body <file>", "HTTP fields: the request's body, byte for byte")
    .option("--session-id <id>", "the request's Mcp-Session-Id")
    .option("--access-token <file>", "a file with the access token of the request's Authorization");
}

/**
 * Reads what a proof is for; `undefined` if no option says so.
 *
 * @throws UsageError for options that do not go together.
 */
export async function readProofSubject(options: ProofRequestOptions): Promise<ProofSubject | undefined> {
  const { method, params, http, body, sessionId, accessToken } = options;
  if (method !== undefined && http !== undefined) throw new UsageError("give --method or --http, not both");
  if (params !== undefined && method === undefined) throw new UsageError("--params needs --method");
  if (body !== undefined && http === undefined) throw new UsageError("--body needs --http");
  if (method === undefined && http === undefined) return undefined;
  const token = accessToken === undefined ? undefined : await readCredentialFile(accessToken, "--access-token");
  const bytes = body === undefined ? undefined : await readInput(body, "--body");
  const dispatched = bytes && dispatchedBy(bytes);
  return {
    ...(dispatched && { dispatched }),
    request:
      http === undefined
        ? {
            kind: "message",
            method: method ?? "",
            ...(params !== undefined && { params: parseObject(params, "--params") }),
          }
        : { kind: "http", method: http, ...(bytes && { body: bytes }) },
    bound: {
      ...(sessionId !== undefined && { sessionId }),
      ...(token !== undefined && { accessToken: token }),
    },
  };
}

/** The JSON-RPC message in a body, if it holds one; a body that does not is refused by what reads it. */
function dispatchedBy(body: Uint8Array): ProofSubject["dispatched"] | undefined {
  const { value } = decodeStrictJson(body, 64);
  if (!isJsonObject(value)) return undefined;
  const { method, params } = value;
  if (typeof method === "string") return { method, params };
  return method === undefined && ("result" in value || "error" in value) ? "response" : undefined;
}

/**
 * Reads a JSON object.
 *
 * @throws UsageError naming the option.
 */
export function parseObject(text: string, option: string): Readonly<Record<string, unknown>> {
  const { value } = decodeStrictJson(new TextEncoder().encode(text), 64);
  if (isJsonObject(value)) return value;
  throw new UsageError(`${option} must be a JSON object without repeated members`);
}
