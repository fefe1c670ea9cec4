import {
  AttestationError,
  type AttestationErrorCode,
  AttestationVerifier,
  decodeAttestation,
  decodeBase64url,
  encodeBase64url,
  InMemoryKeyResolver,
  type PublicJwk,
  type UnverifiedAttestation,
} from "@attest/core";
import type { TrustMaterial } from "../shared/feed.ts";
import { type StepId, stepOf } from "../shared/steps.ts";

/** What the inspector found out about a token. */
export interface Inspection {
  /** What it says, verified or not; absent if it cannot even be read. */
  readonly decoded?: UnverifiedAttestation;
  readonly genuine: boolean;
  /** The step at which it stopped: for a genuine one, the proof, which only the agent can make. */
  readonly stoppedAt: StepId | undefined;
  readonly code?: AttestationErrorCode;
  readonly message: string;
}

/**
 * Decodes and verifies an attestation, here, with nothing but public keys.
 *
 * It is verified as a server would that got it without the agent's proof. So the best that can come of it is to be stopped
 * at exactly that point: everything that the issuer has signed holds, and it is worth nothing to anyone who copied it.
 */
export async function inspect(token: string, trust: TrustMaterial): Promise<Inspection> {
  const keyResolver = new InMemoryKeyResolver();
  for (const { issuer, keys } of trust.issuers) {
    for (const key of keys) await keyResolver.addKey(issuer, key as PublicJwk);
  }
  const [first, ...others] = trust.issuers.map(({ keys: _, ...trusted }) => trusted);
  if (!first) throw new Error("The demo trusts no issuer");
  const verifier = new AttestationVerifier({
    trustedIssuers: [first, ...others],
    keyResolver,
    audience: trust.audience,
    allowBearer: true,
  });
  const result = await verifier.verify(token === "" ? undefined : token, { kind: "message", method: "ping" });
  const decoded = decode(token);
  const shown = decoded && { decoded };
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
  return { ...shown, genuine: code === "ERR_PROOF_REQUIRED", stoppedAt: stepOf(code), code, message };
}

function decode(token: string): UnverifiedAttestation | undefined {
  try {
    return decodeAttestation(token);
  } catch (error) {
    if (error instanceof AttestationError) return undefined;
    throw error;
  }
}

/** The same token with another model version in it: what a forger who has no key can do. */
export function tamper(token: string): string {
  const [header = "", payload = "", signature = ""] = token.split(".");
  const claims = JSON.parse(new TextDecoder().decode(decodeBase64url(payload)));
  claims.agent_identity.model_version = `${claims.agent_identity.model_version}-forged`;
  return [header, encodeBase64url(new TextEncoder().encode(JSON.stringify(claims))), signature].join(".");
}
