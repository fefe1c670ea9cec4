import { createHash, createPublicKey, type JsonWebKey, verify } from "node:crypto";
import { isDeepStrictEqual } from "node:util";
import type { Answer, Ask } from "./protocol.ts";

type Json = Readonly<Record<string, unknown>>;

/** What an agent is made with. */
interface AgentSetup {
  readonly jwk: JsonWebKey;
  readonly attestation: string;
  readonly audience: string;
}

/** What one message that was sent must be like. */
interface ExpectedSent {
  readonly attested: boolean;
  readonly iat?: number;
  readonly session?: string;
  readonly accessToken?: string;
  readonly declares?: "capability" | "extension";
}

/** One step of a vector for agents: what the host sends, what the server answers, and what must come of it. */
export interface AgentStep extends Json {
  readonly request?: { readonly method: string; readonly body?: string };
  readonly message?: Json;
  readonly expected: { readonly sent: readonly ExpectedSent[]; readonly atMost?: number; readonly got?: unknown };
}

/** A message that was sent, in whichever way. */
interface Sent {
  readonly attestation: unknown;
  readonly proof: unknown;
  /** What the proof must cover, by the claim that covers it. */
  readonly covered: Json;
  /** What the host gave, without what this protocol adds. */
  readonly own: unknown;
  readonly declared: Json;
}

/**
 * Puts the steps of a vector to one new agent, in order.
 *
 * @returns What is wrong, for people; `unsupported` if the driver has no agent, or none for such steps.
 */
export async function judgeAgent(
  steps: readonly AgentStep[],
  setup: AgentSetup,
  ask: Ask,
): Promise<string | undefined> {
  if ((await ask({ ask: "agent", ...setup })).unsupported) return "unsupported";
  const seen = new Set<unknown>();
  for (const [i, { expected, ...what }] of steps.entries()) {
    const answered = await ask("request" in what ? { ask: "send", ...what } : { ask: "tell", ...what });
    if (answered.unsupported) return "unsupported";
    const problem = problemIn(what, expected, answered, setup, seen);
    if (problem) return `step ${i}: ${problem}`;
  }
  return undefined;
}

function problemIn(
  what: Pick<AgentStep, "request" | "message">,
  { sent: wanted, atMost = wanted.length, got }: AgentStep["expected"],
  answered: Answer,
  setup: AgentSetup,
  seen: Set<unknown>,
): string | undefined {
  const sent = Array.isArray(answered["sent"]) ? (answered["sent"] as Json[]) : [];
  if (sent.length < wanted.length || sent.length > atMost) return `it was sent ${sent.length} times`;
  for (const [i, one] of wanted.entries()) {
    const read = what.request ? sentOverHttp(sent[i] as Json) : sentInMessage(sent[i] as Json);
    const given = what.request ? (what.request.body ?? null) : what.message;
    const problem = isDeepStrictEqual(read.own, given) ? sendingProblem(read, one, setup, seen) : "it was changed";
    if (problem) return `sent ${i}: ${problem}`;
  }
  return got === undefined || isDeepStrictEqual(answered["got"], got) ? undefined : "the host got something else";
}

function sendingProblem(
  { attestation, proof, covered, declared }: Sent,
  wanted: ExpectedSent,
  { jwk, attestation: honest, audience }: AgentSetup,
  seen: Set<unknown>,
): string | undefined {
  if (!wanted.attested) return (attestation ?? proof) ? "it has credentials" : undefined;
  if (attestation !== honest) return "its attestation is not that of its authority";
  const [header = "", payload = "", signature = ""] = String(proof).split(".");
  const { typ, alg } = decode(header);
  const claims = decode(payload);
  if (typ !== "agent-attestation-pop+jwt" || alg !== "Ed25519") return "its proof's header is not that of a proof";
  const { d: _, ...publicJwk } = jwk;
  const key = createPublicKey({ key: publicJwk, format: "jwk" });
  if (!verify(null, Buffer.from(`${header}.${payload}`), key, Buffer.from(signature, "base64url"))) {
    return "its proof is not signed by the agent's key";
  }
  const { iat, session, accessToken, declares } = wanted;
  const expected: Json = {
    aud: audience,
    att_hash: sha256(honest),
    ...covered,
    ...(iat !== undefined && { iat }),
    session,
    ath: accessToken === undefined ? undefined : sha256(accessToken),
  };
  for (const [name, value] of Object.entries(expected))
    if (claims[name] !== value) return `its proof's ${name} is ${claims[name]}`;
  if (typeof claims["jti"] !== "string" || seen.has(claims["jti"])) return "its proof's jti is not new";
  seen.add(claims["jti"]);
  return declares === undefined || declared[declares] !== undefined ? undefined : `it does not declare the ${declares}`;
}

function sentOverHttp({ method, fields, body }: Json): Sent {
  const { "agent-attestation": attestation, "agent-attestation-proof": proof } = (fields ?? {}) as Json;
  return {
    attestation,
    proof,
    covered: { htm: method, body_digest: sha256(String(body ?? "")) },
    own: body ?? null,
    declared: {},
  };
}

const META_ATTESTATION = "io.github.attest/attestation";
const META_PROOF = "io.github.attest/proof";
const CAPABILITIES = "io.modelcontextprotocol/clientCapabilities";

function sentInMessage(message: Json): Sent {
  const place = "result" in message ? "result" : "params";
  const { _meta, ...body } = (message[place] ?? {}) as Json & { _meta?: Json };
  const { [META_ATTESTATION]: attestation, [META_PROOF]: proof, ...meta } = _meta ?? {};
  const { experimental } = (body["capabilities"] ?? {}) as { experimental?: Json };
  const { extensions } = (meta[CAPABILITIES] ?? {}) as { extensions?: Json };
  const digested = { ...body, ...(Object.keys(meta).length > 0 && { _meta: meta }) };
  const about =
    place === "result" ? { id: message["id"], result: digested } : { method: message["method"], params: digested };
  return {
    attestation,
    proof,
    covered: { mcp_digest: sha256(canonical(about)) },
    own: ownPart(message, place, body, meta),
    declared: {
      capability: experimental?.["security.attestation"],
      extension: extensions?.["io.github.attest/agent-attestation"],
    },
  };
}

/** The message without credentials and declarations. */
function ownPart(message: Json, place: string, body: Json, meta: Json): Json {
  if ("error" in message) return message;
  const { [CAPABILITIES]: _, ...otherMeta } = meta;
  const { capabilities, ...rest } = body;
  const { experimental: __, ...others } = (capabilities ?? {}) as Json;
  const own = {
    ...rest,
    ...(capabilities !== undefined && { capabilities: others }),
    ...(Object.keys(otherMeta).length > 0 && { _meta: otherMeta }),
  };
  const { [place]: ___, ...frame } = message;
  return { ...frame, [place]: own };
}

/** The RFC 8785 form: members by UTF-16 code units, everything else as ECMAScript writes it. */
function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(",")}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  const members = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${members.map(([name, member]) => `${JSON.stringify(name)}:${canonical(member)}`).join(",")}}`;
}

function decode(segment: string): Json {
  try {
    return JSON.parse(Buffer.from(segment, "base64url").toString());
  } catch {
    return {};
  }
}

function sha256(text: string): string {
  return createHash("sha256").update(text).digest("base64url");
}
