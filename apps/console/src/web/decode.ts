import {
  AttestationError,
  decodeAttestation,
  decodeChain,
  importVerificationKey,
  type UnverifiedAttestation,
  type UnverifiedLink,
} from "@attest/core";

/** What a token says, not verified in any part. */
export interface Decoded {
  /** The statement of each authority in it, from the outermost. One, unless a statement is nested in it. */
  readonly layers: readonly [UnverifiedAttestation, ...UnverifiedAttestation[]];
  /** From the attested agent's own sub-agent to the one that presents it; none where the attested agent itself does. */
  readonly links: readonly DecodedLink[];
}

/** One link, and the thumbprint of the key that it is for, if that is a key. */
export interface DecodedLink extends UnverifiedLink {
  readonly keyThumbprint?: string;
}

/** Takes an attestation or a chain apart; `undefined` if it cannot be read. */
export async function decode(token: string): Promise<Decoded | undefined> {
  try {
    const { root, links } = decodeChain(token);
    return { layers: layersOf(root), links: await Promise.all(links.map(withThumbprint)) };
  } catch (error) {
    if (error instanceof AttestationError) return undefined;
    throw error;
  }
}

/** A nested attestation that cannot be read is left out: the one around it says the same in its raw form. */
function layersOf(outer: UnverifiedAttestation): Decoded["layers"] {
  const nested = outer.claims?.attestationMetadata?.nestedAttestation;
  if (nested === undefined) return [outer];
  try {
    return [outer, decodeAttestation(nested)];
  } catch (error) {
    if (error instanceof AttestationError) return [outer];
    throw error;
  }
}

async function withThumbprint(link: UnverifiedLink): Promise<DecodedLink> {
  const jwk = link.claims?.cnf.jwk;
  const key = jwk && (await importVerificationKey(jwk).catch(() => undefined));
  return { ...link, ...(key && { keyThumbprint: key.thumbprint }) };
}
