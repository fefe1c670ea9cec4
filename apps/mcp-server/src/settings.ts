import { InMemoryKeyResolver, type PublicJwk, type TrustedIssuer, type VerifierOptions } from "@attest/core";

/** What this server is told by its environment, as JSON in `ATTEST_SERVER`. */
interface Settings {
  readonly audience: string;
  readonly issuers: readonly (TrustedIssuer & { readonly keys: readonly PublicJwk[] })[];
}

/**
 * Reads the verifier's options from the environment.
 *
 * @throws With a message that names what is missing or wrong.
 */
export async function readSettings(environment: NodeJS.ProcessEnv): Promise<VerifierOptions> {
  const text = environment["ATTEST_SERVER"];
  if (text === undefined) throw new Error("ATTEST_SERVER must hold JSON with `audience` and `issuers`");
  const { audience, issuers }: Settings = JSON.parse(text);
  const keyResolver = new InMemoryKeyResolver();
  for (const { issuer, keys } of issuers) {
    for (const key of keys) await keyResolver.addKey(issuer, key);
  }
  const trustedIssuers = issuers.map(({ keys, ...trusted }) => trusted);
  const [first, ...others] = trustedIssuers;
  if (!first) throw new Error("ATTEST_SERVER must list at least one issuer");
  return { audience, trustedIssuers: [first, ...others], keyResolver };
}
