import type { AttestationEvent, DemandEvent, GuardEvent, VerificationEvent } from "@attest/core";
import type { Attributes } from "@opentelemetry/api";
import { createLabeller } from "../metrics/instruments.ts";

const labelsOf = createLabeller([
  "outcome",
  "policy",
  "format",
  "profile",
  "proof",
  "trustLevel",
  "issuer",
  "reason",
  "code",
  "remembered",
]);

/**
 * What a span says of an operation. Unlike a label, a span may say who: `subject` and the thumbprint of a verified agent's public
 * key; how many links of delegation are between it and the attested agent, and how many authorities speak for that, with the
 * second one's name.
 *
 * @param agentIdentity Whether to name the agent by OpenTelemetry's proposed attributes too.
 */
export function attestedAttributes(event: AttestationEvent, agentIdentity: boolean): Attributes {
  const attributes: Attributes = labelsOf(event);
  const { remembered, subject, keyThumbprint, delegation, nestedIssuer } = event as Partial<VerificationEvent>;
  if (remembered !== undefined) attributes["attestation.remembered"] = remembered;
  if (keyThumbprint !== undefined) attributes["attestation.key_thumbprint"] = keyThumbprint;
  if (subject !== undefined) {
    Object.assign(attributes, agentAttributes({ subject }, agentIdentity));
    attributes["attestation.delegation_depth"] = delegation?.length ?? 0;
    attributes["attestation.layers"] = nestedIssuer === undefined ? 1 : 2;
  }
  if (nestedIssuer !== undefined) attributes["attestation.nested_issuer"] = nestedIssuer;
  return attributes;
}

/** Which agent calls, as far as an event about a verified one says. */
export function agentAttributes(
  { subject, issuer }: Pick<GuardEvent | DemandEvent, "subject" | "issuer">,
  agentIdentity: boolean,
): Attributes {
  if (subject === undefined) return {};
  const name = /^spiffe:\/\/[^/]+\/(.+)$/.exec(subject)?.[1];
  return {
    "attestation.subject": subject,
    ...(issuer !== undefined && { "attestation.issuer": issuer }),
    ...(agentIdentity && { "gen_ai.agent.identity.id": subject }),
    ...(agentIdentity && name !== undefined && { "gen_ai.agent.identity.name": name }),
  };
}
