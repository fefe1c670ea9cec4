import { type AgentIdentity, AttestationError, AttestationIssuer, KeyPair, optionError } from "@attest/core";
import { attestationRequest } from "./attestation-request.ts";
import type { Rule } from "./rule.ts";

/** Stands for every fact that is copied from evidence: what it is, is known when there is evidence. */
const FACT = `sha256:${"0".repeat(64)}`;

/**
 * Refuses rules whose statements could never be attested, before a workload meets them: makes an attestation by each, with a
 * key that is thrown away.
 *
 * @throws AttestationError `ERR_OPTION`, whose message lists all of them.
 */
export async function assertAttestable(issuer: string, tokenLifetime: number, rules: readonly Rule[]): Promise<void> {
  const signer = await KeyPair.generate();
  const provider = new AttestationIssuer({ issuer, signer, tokenLifetime });
  const problems: string[] = [];
  for (const rule of rules) {
    const { copy, ...attest } = rule.attest;
    const copied = Object.fromEntries(Object.keys(copy ?? {}).map((member) => [member, "/fact"]));
    const confirmationKey = signer.toJwk();
    const asked = { confirmationKey, audience: attest.audiences?.[0] };
    try {
      const nested = attest.nest === true && { attestation: await sampleOf(attest.identity, signer) };
      const evidence = { subject: "", claims: { fact: FACT }, handle: "", ...nested };
      await provider.createToken(attestationRequest({ ...rule, attest: { ...attest, copy: copied } }, evidence, asked));
    } catch (error) {
      if (!(error instanceof AttestationError)) throw error;
      problems.push(`${rule.name}: ${error.message}`);
    }
  }
  if (problems.length > 0) throw optionError("rules", `can never be attested:\n${problems.join("\n")}`);
}

/** What a provider attests of a model at least: whatever is embedded is no shorter. */
function sampleOf(identity: AgentIdentity, signer: KeyPair): Promise<string> {
  const { modelFamily, modelVersion, provider } = identity;
  const maker = new AttestationIssuer({ issuer: "https://maker.invalid", signer });
  return maker.createToken({
    identity: { modelFamily, modelVersion, provider },
    confirmationKey: signer.toJwk(),
    trustDomain: "maker.invalid",
  });
}
