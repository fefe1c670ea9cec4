import { digest } from "#crypto";
import { TYP } from "../claims/attestation-kinds.ts";
import { IDENTIFIER, LONG_IDENTIFIER } from "../claims/claim-reader.ts";
import { SHA256 } from "../claims/proof-claims.ts";
import { type Clock, readClock, systemClock } from "../clock.ts";
import { optionError } from "../errors.ts";
import { messageDigest, type ProofRequest } from "../jose/digest.ts";
import { PROOF_LIMITS } from "../jose/jws-limits.ts";
import type { Signer } from "../keys/signer.ts";
import { type OptionNames, refuseUnknownOptions } from "../options.ts";
import { readAgreementKey } from "../tickets/agreement-key.ts";
import { isAbsoluteUri } from "../wire/absolute-uri.ts";
import { signJws } from "./sign-jws.ts";

/** What a proof is made of. */
export interface ProofOptions {
  /** The attestation as received; the proof is valid next to this one only. */
  readonly attestation: string;
  /** The agent's key, which the attestation is bound to. */
  readonly signer: Signer;
  /** The server's resource identifier, as both sides have it configured. */
  readonly audience: string;
  /** What is proved. A message must be sent exactly as it is given here. */
  readonly request: ProofRequest;
  /** The credential of the request's `Bearer` or `DPoP` `Authorization` header, if it has one. */
  readonly accessToken?: string;
  /** The request's `Mcp-Session-Id` header, if it has one. */
  readonly sessionId?: string;
  /** Asks the server for a ticket (SPEC §19): `epk` of a `TicketAsk` that was made for this proof alone. */
  readonly ticketKey?: string;
  /** Which definition of the tool the agent decided on (SPEC §23): `toolDigest` of it. For a `tools/call` only. */
  readonly toolDigest?: string;
  /** Unix seconds, for `iat`. Default: the machine's. */
  readonly clock?: Clock;
}

const OPTIONS: OptionNames<ProofOptions> = {
  attestation: true,
  signer: true,
  audience: true,
  request: true,
  accessToken: true,
  sessionId: true,
  ticketKey: true,
  toolDigest: true,
  clock: true,
};

/**
 * Makes the proof that goes with one message or one HTTP request (SPEC §3), signed by the key inside the attestation.
 * It is valid for one use: make a new one for every attempt.
 *
 * @returns The compact JWS.
 * @throws AttestationError `ERR_OPTION` if an option is unknown, the audience is no absolute URI, the message has no canonical
 * form, or every verifier would refuse the proof; `ERR_CLOCK` if the clock returns an invalid time. What the signer throws comes through
 * unchanged.
 * @example
 * ```ts
 * import { createProof, type KeyPair } from "@attest/core";
 *
 * declare const attestation: string;
 * declare const signer: KeyPair; // the agent's own key, which the attestation is bound to
 * const request = { kind: "message", method: "tools/call", params: { name: "transfer" } } as const;
 * const proof = await createProof({ attestation, signer, audience: "https://bank.example/mcp", request });
 * ```
 */
export async function createProof(options: ProofOptions): Promise<string> {
  refuseUnknownOptions(options, OPTIONS, "a proof");
  const { attestation, signer, audience, request, accessToken, sessionId, ticketKey } = options;
  const { toolDigest, clock = systemClock } = options;
  if (!isAbsoluteUri(audience))
    throw optionError(
      "audience",
      "must be an absolute URI, the same as the server's, such as https://bank.example/mcp",
    );
  if (sessionId !== undefined && !LONG_IDENTIFIER.test(sessionId)) {
    throw optionError(
      "sessionId",
      "must be 1–2048 visible ASCII characters, or left out where the request names no session",
    );
  }
  if (ticketKey !== undefined && !readAgreementKey(ticketKey)) {
    throw optionError("ticketKey", "must be the `epk` of a TicketAsk");
  }
  if (toolDigest !== undefined) assertToolDigest(toolDigest, request);
  const iat = readClock(clock);
  const payload = {
    aud: audience,
    jti: crypto.randomUUID(),
    iat,
    att_hash: await digest(attestation),
    ...(await coverageOf(request)),
    session: sessionId,
    ath: accessToken === undefined ? undefined : await digest(accessToken),
    ticket_epk: ticketKey,
    tool_digest: toolDigest,
  };
  return signJws(
    JSON.stringify({ alg: signer.algorithm, typ: TYP.proof }),
    JSON.stringify(payload),
    signer,
    PROOF_LIMITS,
  );
}

function assertToolDigest(toolDigest: string, request: ProofRequest): void {
  if (!SHA256.test(toolDigest)) throw optionError("toolDigest", "must be what toolDigest made of a tool's definition");
  const mayCall =
    request.kind === "message" ? request.method === "tools/call" : request.kind === "http" && request.method === "POST";
  if (!mayCall) throw optionError("toolDigest", "goes with a tools/call only");
}

async function coverageOf(request: ProofRequest): Promise<object> {
  if (request.kind === "http") {
    if (!IDENTIFIER.test(request.method)) throw optionError("request.method", "must be that of an HTTP request");
    return { htm: request.method, body_digest: await digest(request.body ?? new Uint8Array()) };
  }
  const mcpDigest = await messageDigest(request);
  if (mcpDigest === undefined) {
    throw optionError("request", "must be plain JSON with an object as params or result, at most 64 levels deep");
  }
  return { mcp_digest: mcpDigest };
}
