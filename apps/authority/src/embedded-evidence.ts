import { attestationEvidence, type EvidenceVerifier, type Rule } from "@attest/authority";
import { type AgentIdentity, AttestationVerifier, type Clock, InMemoryReplayCache, toSpiffeId } from "@attest/core";
import { HttpKeyResolver } from "@attest/jwks";

/** Another authority of the demo, on this machine, whose attestations of one agent are embedded. */
export interface Embedded {
  readonly issuer: string;
  readonly trustDomain: string;
  readonly jwksUri: string;
  /** Whom it attests, and which model both say it is. */
  readonly identity: AgentIdentity;
  /** What the agent is called by the authority that embeds: a SPIFFE ID. */
  readonly subject: string;
}

/** The evidence by which such an agent is known. @param audience The authority that embeds. */
export function embeddedEvidence(
  { issuer, trustDomain, jwksUri }: Embedded,
  audience: string,
  clock: Clock,
): EvidenceVerifier {
  const keyResolver = new HttpKeyResolver({
    issuers: { [issuer]: { jwksUri } },
    allowInsecureHttp: true,
    allowPrivateNetwork: true,
    clock,
  });
  const verifier = new AttestationVerifier({
    audience,
    trustedIssuers: [{ issuer, trustLevel: "provider", trustDomains: [trustDomain] }],
    keyResolver,
    replayCache: new InMemoryReplayCache({ clock }),
    tickets: false,
    clock,
  });
  return { ...attestationEvidence(verifier), close: () => keyResolver.close() };
}

/** The rule that embeds. @param evidence The name of that evidence. */
export function embeddingRule({ identity, trustDomain, subject }: Embedded, evidence: string): Rule {
  return {
    name: "embedding",
    evidence,
    subject: toSpiffeId(identity, trustDomain),
    attest: { identity, subject, nest: true },
  };
}
