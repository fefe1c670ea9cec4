import {
  AttestationVerifier,
  type Clock,
  InMemoryKeyResolver,
  type KeyResolver,
  optionError,
  type PublicJwk,
  type ReplayCache,
} from "@attest/core";
import { HttpKeyResolver } from "@attest/jwks";
import { defined, type OwnFiles } from "@attest/service";
import { HttpStatusSource } from "@attest/status-list";
import { attestationEvidence } from "../evidence/attestation.ts";
import type { EvidenceVerifier } from "../evidence/evidence.ts";
import type { AttestationEvidenceConfiguration } from "./schema.ts";

/** What the evidence is verified with. */
export interface VerifyingParts {
  readonly files: OwnFiles;
  readonly clock: Clock;
  /** Where used proofs are recorded: the authority's own, so that its replicas do it together. */
  readonly replayCache: ReplayCache;
}

/** Makes the verifier of another authority's attestations. @throws Error that says what is wrong. */
export async function buildAttestationEvidence(
  configured: AttestationEvidenceConfiguration,
  { files, clock, replayCache }: VerifyingParts,
): Promise<EvidenceVerifier> {
  const { issuer, trustLevel, trustDomains, audience, statusLists, ca, allowPrivateNetwork } = configured;
  const fetching = {
    ...defined({ allowPrivateNetwork }),
    ...(ca !== undefined && { ca: await files.text(ca) }),
    clock,
  };
  const keyResolver = await openKeys(configured, { files, fetching });
  const statusSource =
    statusLists && new HttpStatusSource({ lists: { [issuer]: statusLists }, keyResolver, ...fetching });
  const verifier = new AttestationVerifier({
    audience,
    trustedIssuers: [
      {
        issuer,
        trustLevel,
        trustDomains: trustDomains as [string, ...string[]],
        ...(statusLists && { statusLists: statusLists as [string, ...string[]] }),
      },
    ],
    keyResolver,
    ...(statusSource && { statusSource }),
    // Of every message here a signature is demanded.
    tickets: false,
    replayCache,
    clock,
  });
  return {
    ...attestationEvidence(verifier),
    async close() {
      await statusSource?.close();
      await keyResolver.close?.();
    },
  };
}

async function openKeys(
  { issuer, jwks, jwksUri }: AttestationEvidenceConfiguration,
  { files, fetching }: { files: OwnFiles; fetching: object },
): Promise<KeyResolver> {
  if ((jwksUri === undefined) === (jwks === undefined)) {
    throw optionError("jwks", "or jwksUri must be given, and not both: the keys in a file or their address");
  }
  if (jwksUri !== undefined) return new HttpKeyResolver({ issuers: { [issuer]: { jwksUri } }, ...fetching });
  const held = new InMemoryKeyResolver();
  const { keys } = ((await files.json(jwks as string)) ?? {}) as { keys?: unknown };
  if (!Array.isArray(keys) || keys.length === 0) throw optionError("jwks", "must hold an object with a list of keys");
  for (const key of keys as PublicJwk[]) await held.addKey(issuer, key);
  return held;
}
