import { randomBytes } from "node:crypto";
import { AttestationVerifier, InMemoryReplayCache, type ReplayUse } from "@attest/core";
import { createTestAuthority, type TestAuthority } from "@attest/core/testing";
import type { Variant } from "./measure.ts";
import { rawSigning, rawVerification } from "./signatures.ts";

/** The time at which everything here happens. */
export const NOW = 1_800_000_000;

/** The metadata and integrity that bring an attestation to about 1.3 KB. */
export const FULL = {
  integrity: { configHash: `sha256:${"0".repeat(64)}`, systemPromptHash: `sha256:${"1".repeat(64)}` },
  metadata: { capabilitiesDeclared: ["tools", "resources", "prompts", "sampling", "elicitation"] },
};

/** What the measurements share: authorities, the signatures that all is compared with, and attestations of about 1.3 KB. */
export interface Material {
  readonly authority: TestAuthority;
  /** Another, on the machine's clock: for servers in processes of their own. */
  readonly liveAuthority: TestAuthority;
  readonly rawVerification: Variant;
  readonly rawSigning: Variant;
  /** Bearer attestations of which none was used. */
  takeBearer(count: number): Promise<string[]>;
  /** Bearer attestations for those who do not mind that they were used. */
  readonly bearer: readonly string[];
  readonly attestation: string;
}

export async function createMaterial(): Promise<Material> {
  const authority = await createTestAuthority({ clock: () => NOW });
  const takeBearer = (count: number) =>
    Promise.all(Array.from({ length: count }, async () => asReceived(await authority.attestBearer(FULL))));
  const bearer = await takeBearer(1000);
  return {
    authority,
    liveAuthority: await createTestAuthority(),
    rawVerification: rawVerification(bearer, authority.authorityKey.toJwk()),
    rawSigning: rawSigning(bearer),
    takeBearer,
    bearer,
    attestation: await authority.attest(FULL),
  };
}

/** A text as it comes from the network: one piece, not the concatenation that made it. */
export function asReceived(text: string): string {
  return Buffer.from(text).toString("latin1");
}

/** A memory cache that already holds `live` entries, none of which expires during the run. */
export function filledCache(live: number): InMemoryReplayCache {
  const cache = new InMemoryReplayCache({ maxEntries: 20_000_000, maxShare: 1 });
  for (let i = 0; i < live; i++) cache.consume(useAt(i));
  return cache;
}

/** A use whose expiry is somewhere in the next 95 seconds, as proofs' are. */
export function useAt(i: number, key: Buffer = randomBytes(16)): ReplayUse {
  const times = { now: NOW, issuedAt: NOW, expiresAt: NOW + 1 + (i % 95), clockTolerance: 30, nodeSkew: 5 };
  return { key: key.toString("base64url"), ...times };
}

/** A verifier of the authority's, bearer allowed, on a cache with `live` entries. */
export function verifierAt(authority: TestAuthority, live: number): AttestationVerifier {
  return new AttestationVerifier({ ...authority.verifierOptions, allowBearer: true, replayCache: filledCache(live) });
}
