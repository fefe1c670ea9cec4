import {
  type AttestationErrorCode,
  AttestationVerifier,
  createProof,
  decodeBase64url,
  encodeBase64url,
  InMemoryKeyResolver,
  KeyPair,
  type PublicJwk,
} from "@attest/core";
import type { TrustMaterial } from "../shared/feed.ts";
import { type StepId, stepOf } from "../shared/steps.ts";
import { type Decoded, decode } from "./decode.ts";

/** What the inspector found out about a token. */
export interface Inspection {
  /** What it says, verified or not; absent if it cannot even be read. */
  readonly decoded?: Decoded;
  readonly genuine: boolean;
  /** The step at which it stopped: for a genuine one, the proof, which only the agent can make. */
  readonly stoppedAt: StepId | undefined;
  readonly code?: AttestationErrorCode;
  readonly message: string;
}

const PING = { kind: "message", method: "ping" } as const;

/**
 * Decodes and verifies an attestation, or a chain of delegations, here, with nothing but public keys.
 *
 * It is verified as a server would that got it from somebody else than the agent: an attestation without a proof, and a chain,
 * which costs a server nothing without one, with a proof by another key. So the best that can come of it is to be stopped at
 * exactly that point: everything that was signed holds, and it is worth nothing to anyone who copied it. No status list is asked.
 */
export async function inspect(token: string, trust: TrustMaterial): Promise<Inspection> {
  const verifier = await verifierFor(trust);
  const decoded = await decode(token);
  const shown = decoded && { decoded };
  // By the text alone: of a chain that cannot be read nothing is verified without a proof, and it must not look genuine.
  const isChain = token.includes("~");
  const proof = isChain ? await proofBySomebodyElse(token, decoded, trust.audience) : undefined;
  const result = await verifier.verify(token === "" ? undefined : token, { ...PING, ...(proof && { proof }) });
  if (result.verified) {
    return {
      ...shown,
      genuine: true,
      stoppedAt: undefined,
      message: "Genuine: a bearer attestation, good for one use.",
    };
  }
  if (result.outcome !== "refused") throw new Error("The verifier's policy requires an attestation");
  const { code, message } = result;
  const genuine = code === (isChain ? "ERR_PROOF_SIGNATURE" : "ERR_PROOF_REQUIRED");
  return { ...shown, genuine, stoppedAt: stepOf(code), code, message };
}

async function verifierFor(trust: TrustMaterial): Promise<AttestationVerifier> {
  const keyResolver = new InMemoryKeyResolver();
  for (const { issuer, keys } of trust.issuers) {
    for (const key of keys) await keyResolver.addKey(issuer, key as PublicJwk);
  }
  const [first, ...others] = trust.issuers.map(({ keys: _, ...trusted }) => trusted);
  if (!first) throw new Error("The demo trusts no issuer");
  return new AttestationVerifier({
    trustedIssuers: [first, ...others],
    keyResolver,
    audience: trust.audience,
    allowBearer: true,
    maxDelegationDepth: 4,
  });
}

/** A proof that is wrong in nothing but who signed it, so that every check before its signature runs. */
async function proofBySomebodyElse(attestation: string, decoded: Decoded | undefined, audience: string) {
  const algorithm = decoded?.links.at(-1)?.claims?.cnf.jwk.crv === "P-256" ? "ES256" : "Ed25519";
  const signer = await KeyPair.generate({ algorithm });
  return createProof({ attestation, signer, audience, request: PING });
}

/** The same token with another model version in it: what a forger who has no key can do. */
export function tamper(token: string): string {
  const [root = "", ...links] = token.split("~");
  const [header = "", payload = "", signature = ""] = root.split(".");
  const claims = JSON.parse(new TextDecoder().decode(decodeBase64url(payload)));
  claims.agent_identity.model_version = `${claims.agent_identity.model_version}-forged`;
  const forged = encodeBase64url(new TextEncoder().encode(JSON.stringify(claims)));
  return [[header, forged, signature].join("."), ...links].join("~");
}
