import { type AttackTarget, verifierTarget } from "@attest/attacks";
import {
  AttestationIssuer,
  AttestationVerifier,
  InMemoryKeyResolver,
  InMemoryReplayCache,
  KeyPair,
  systemClock,
} from "@attest/core";

/** The verifier that this command is made with, in this process: whether the suite and the verifier hold at all. */
export async function ownVerifier(): Promise<AttackTarget> {
  const issuer = "https://authority.example";
  const audience = "https://server.example/mcp";
  const identity = { modelFamily: "example", modelVersion: "example-1", provider: "example" };
  const authority = await KeyPair.generate();
  const provider = new AttestationIssuer({ issuer, signer: authority });
  const keyResolver = new InMemoryKeyResolver();
  await keyResolver.addKeyPair(issuer, authority);
  const verifier = new AttestationVerifier({
    trustedIssuers: [{ issuer, trustLevel: "provider", trustDomains: ["example.com"] }],
    keyResolver,
    audience,
    allowBearer: true,
    // As of a server that has been running for a minute: it refuses what may be older than itself.
    replayCache: new InMemoryReplayCache({ clock: () => systemClock() - 60 }),
  });
  return verifierTarget({
    verifier,
    audience,
    credentials: {
      authority,
      attest: ({ confirmationKey }) => provider.createToken({ identity, confirmationKey, audience }),
      attestBearer: () => provider.createToken({ identity, bearer: true, audience }),
    },
  });
}
