import { AttestationError, AttestationProvider, KeyPair } from "@attest/core";
import { requestFor, withoutUndefined } from "./registration.ts";
import type { AuthoritySettings } from "./settings.ts";

/**
 * Refuses registrations that could never be attested, before a workload meets them: makes an attestation of each, with a key
 * that is thrown away.
 *
 * @throws With a message that lists all of them.
 */
export async function assertAttestable({ issuer, lifetime, workloads }: AuthoritySettings): Promise<void> {
  const signer = await KeyPair.generate();
  const provider = new AttestationProvider({ issuer, signer, tokenLifetime: lifetime });
  const problems: string[] = [];
  for (const workload of workloads) {
    for (const [i, registered] of workload.identities.entries()) {
      const asked = { identity: withoutUndefined(registered), audience: workload.audiences?.[0] };
      try {
        await provider.createToken(requestFor(workload, { ...asked, confirmationKey: signer.toJwk() }));
      } catch (error) {
        if (!(error instanceof AttestationError)) throw error;
        problems.push(`${workload.id}, identity ${i + 1}: ${error.message}`);
      }
    }
  }
  if (problems.length > 0) {
    throw new Error(`The authority's settings are wrong: these can never be attested:\n${problems.join("\n")}`);
  }
}
