import { utf8 } from "#crypto";
import { inOrder, type Order } from "../checks/order.ts";
import { takeHolder } from "../checks/proof.ts";
import { type Refusal, refusal } from "../checks/refusal.ts";
import { consumeProof } from "../checks/replay.ts";
import { audiencesOf, type UseFacts } from "../checks/use.ts";
import type { ProofClaims } from "../claims/proof-claims.ts";
import { decodeBase64url } from "../jose/base64url.ts";
import { messageDigest } from "../jose/digest.ts";
import type { VerificationKey } from "../keys/verification-key.ts";
import type { Use } from "./use.ts";

const FORM = /^bare~([A-Za-z0-9-]{16,64})~(\d{1,12})~([A-Za-z0-9_-]{86})$/;

/** Whether what came as a proof is a bare signature. */
export function isBareProof(proof: unknown): proof is string {
  return typeof proof === "string" && proof.startsWith("bare~");
}

/** What is signed: this use, at this server, with this token, of this message. */
export function bareInput(parts: { jti: string; iat: number; aud: string; tokenHash: string; digest: string }): string {
  return ["bare", parts.jti, parts.iat, parts.aud, parts.tokenHash, parts.digest].join("\n");
}

type Read = UseFacts & { readonly holderKey: VerificationKey; readonly proofClaims: ProofClaims };

async function readBare(facts: UseFacts): Promise<Refusal | { proofClaims: ProofClaims; audience: string }> {
  const { request, tokenHash = "" } = facts;
  const [, jti, iat] = FORM.exec(String(request?.proof)) ?? [];
  const [aud] = audiencesOf(facts);
  if (!jti || aud === undefined) return refusal("ERR_PROOF_FORMAT", "The bare proof is not of its form");
  if (request?.kind !== "message") return refusal("ERR_PROOF_REQUEST", "A bare proof is for a message");
  const unused = {
    htm: undefined,
    bodyDigest: undefined,
    session: undefined,
    ath: undefined,
    ticketEpk: undefined,
    toolDigest: undefined,
  };
  const claims = { aud, jti, iat: Number(iat), attHash: tokenHash, mcpDigest: await messageDigest(request) };
  return { proofClaims: { ...claims, ...unused }, audience: aud };
}

async function checkBareSignature({ proofClaims, holderKey, request }: Read): Promise<Refusal | undefined> {
  const { jti, iat, aud, attHash: tokenHash, mcpDigest: digest = "" } = proofClaims;
  const signature = decodeBase64url(FORM.exec(String(request?.proof))?.[3] ?? "");
  const input = utf8(bareInput({ jti, iat, aud, tokenHash, digest }));
  if (signature && (await holderKey.verify(input, signature)) === true) return undefined;
  return refusal("ERR_PROOF_SIGNATURE", "The bare proof's signature is not that of the key in the attestation");
}

function checkBareTime({ proofClaims: { iat }, configuration, now }: Read): Refusal | undefined {
  if (Math.abs(now - iat) <= configuration.proofWindow) return undefined;
  return refusal("ERR_PROOF_TIME", "The bare proof was not made just now");
}

const BARE: Order<UseFacts, object> = /* @__PURE__ */ inOrder(
  takeHolder,
  readBare,
  checkBareTime,
  checkBareSignature,
  consumeProof,
);

/** A signature by the key in the token, without the form of a JWS. */
export const bare: Use = { checks: BARE, remembers: true };
