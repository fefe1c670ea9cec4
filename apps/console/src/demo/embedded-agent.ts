import { KeyPair, type Observer } from "@attest/core";
import { AttestingAgent, attestFetch, httpSource } from "@attest/mcp-client";
import type { DemoAuthority } from "./authorities.ts";

/**
 * An agent with one key for two authorities: it shows the enterprise what the provider attests of it, and gets that back inside the
 * enterprise's own attestation.
 */
export async function beginEmbedded(
  provider: DemoAuthority,
  enterprise: DemoAuthority,
  observer: Observer,
): Promise<AttestingAgent> {
  const signer = await KeyPair.generate();
  const attested = new AttestingAgent({ source: provider.sourceForAll, signer });
  const audience = enterprise.trust.issuer;
  const source = httpSource(new URL("attestations", enterprise.authority.url), {
    rule: "embedding",
    // The evidence is in the fields that `attestFetch` adds.
    credential: () => "none",
    fetch: (endpoint, init) => attestFetch({ agent: attested, audience, endpoint })(endpoint, init),
  });
  return new AttestingAgent({ source, signer, observer });
}
