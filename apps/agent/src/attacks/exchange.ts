import { type AgentIdentity, createProof, HTTP_FIELDS, isReason, KeyPair, type Reason } from "@attest/core";
import { AUDIENCE } from "../authority.ts";
import type { AttackResult, AttackTarget } from "./attack.ts";

/** The honest agent of every control. */
export const IDENTITY: AgentIdentity = { modelFamily: "example", modelVersion: "example-1", provider: "example" };

/** What a request brings, and what the server answered. */
export interface Credentials {
  readonly attestation?: string;
  readonly proof?: string;
}
export interface Answer {
  readonly status: number;
  readonly sessionId: string | undefined;
  readonly reason: Reason | undefined;
  readonly succeeded: boolean;
}

/** A holder of an attestation: a key, and what was attested for it. */
export interface Holder {
  readonly key: KeyPair;
  readonly attestation: string;
}

/** The body of an `initialize`, the first message that any client sends. */
export const INITIALIZE: string = JSON.stringify({
  jsonrpc: "2.0",
  id: 1,
  method: "initialize",
  params: { protocolVersion: "2025-11-25", capabilities: {}, clientInfo: { name: "attacker", version: "1.0.0" } },
});

/** An honest agent with an attestation of the provider's. */
export async function honestHolder(
  { provider }: AttackTarget,
  metadata: { safetyLevel?: "standard" | "minimal" } = {},
): Promise<Holder> {
  const key = await KeyPair.generate();
  return {
    key,
    attestation: await provider.createToken({ identity: IDENTITY, confirmationKey: key.toJwk(), metadata }),
  };
}

/** A holder's proof for one POST. */
export function proofFor(
  { key, attestation }: Holder,
  body: string,
  { audience = AUDIENCE, sessionId }: { audience?: string; sessionId?: string | undefined } = {},
): Promise<string> {
  const request = { kind: "http", method: "POST", body: new TextEncoder().encode(body) } as const;
  return createProof({ attestation, signer: key, audience, request, ...(sessionId !== undefined && { sessionId }) });
}

/** Sends one POST as it is and reads the answer. */
export async function post(
  { server }: AttackTarget,
  body: string,
  { attestation, proof }: Credentials,
  sessionId?: string,
): Promise<Answer> {
  const headers = new Headers({
    "Content-Type": "application/json",
    Accept: "application/json, text/event-stream",
    ...(attestation !== undefined && { [HTTP_FIELDS.attestation]: attestation }),
    ...(proof !== undefined && { [HTTP_FIELDS.proof]: proof }),
    ...(sessionId !== undefined && { "Mcp-Session-Id": sessionId }),
  });
  const response = await fetch(server, { method: "POST", headers, body });
  const answer = readAnswer(response, await response.text());
  const reason: unknown = answer.error?.data?.reason;
  return {
    status: response.status,
    sessionId: response.headers.get("mcp-session-id") ?? undefined,
    reason: isReason(reason) ? reason : undefined,
    succeeded: response.ok && answer.error === undefined && answer.result?.isError !== true,
  };
}

/** The JSON-RPC answer, which comes as JSON or as the one event of a stream. */
// biome-ignore lint/suspicious/noExplicitAny: a JSON-RPC answer, looked at below
function readAnswer({ headers }: Response, text: string): any {
  if (text === "") return {};
  if (!headers.get("content-type")?.startsWith("text/event-stream")) return JSON.parse(text);
  const data = /^data: (\{.*)$/m.exec(text)?.[1];
  return data === undefined ? {} : JSON.parse(data);
}

/** Runs the honest control, then the attack, and says what came of both. */
export async function controlled(control: () => Promise<Answer>, attack: () => Promise<Answer>): Promise<AttackResult> {
  const honest = await control();
  if (!honest.succeeded) return { outcome: "inconclusive", evidence: `the honest exchange got ${describe(honest)}` };
  const answer = await attack();
  if (answer.succeeded) return { outcome: "breached", evidence: `the server answered ${describe(answer)}` };
  if (answer.reason === undefined)
    return { outcome: "inconclusive", evidence: `refused without a reason: ${describe(answer)}` };
  return { outcome: "blocked", reason: answer.reason };
}

/** The control of most attacks: an honest `initialize`. */
export async function honestInitialize(target: AttackTarget): Promise<Answer> {
  const holder = await honestHolder(target);
  return post(target, INITIALIZE, { attestation: holder.attestation, proof: await proofFor(holder, INITIALIZE) });
}

function describe({ status, reason }: Answer): string {
  return `HTTP ${status}${reason === undefined ? "" : `, ${reason}`}`;
}
