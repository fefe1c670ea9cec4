// A server's process: verifies the messages of every agent that it is given, again and again, and tells when it first
// refused one. Its parent sends `{ issuer, uri, jwk, pollInterval, timeoutMs }` first, then agents.
import {
  AttestationVerifier,
  createProof,
  InMemoryKeyResolver,
  KeyPair,
  type PrivateJwk,
  type PublicJwk,
} from "@attest/core";
import { HttpStatusSource } from "@attest/status-list";

/** How a replica is set up. */
export interface ReplicaSettings {
  readonly issuer: string;
  readonly uri: string;
  readonly jwk: PublicJwk;
  readonly pollInterval: number;
  readonly timeoutMs: number;
}

/** An agent that calls it. */
export interface WatchedAgent {
  readonly name: string;
  readonly attestation: string;
  readonly key: PrivateJwk;
}

/** What it tells: that it serves an agent, or that it has begun to refuse one. `at` is milliseconds since the epoch. */
export type ReplicaReport =
  | { readonly serves: string }
  | { readonly refuses: string; readonly at: number; readonly code: string };

const AUDIENCE = "https://bank.example/mcp";
/** Milliseconds between two messages of an agent: what is measured is no finer. */
const EVERY_MS = 50;

process.once("message", async (settings: ReplicaSettings) => {
  const { issuer, uri, jwk, pollInterval, timeoutMs } = settings;
  const keyResolver = new InMemoryKeyResolver();
  await keyResolver.addKey(issuer, jwk);
  const statusSource = new HttpStatusSource({
    ...{ lists: { [issuer]: uri }, keyResolver, pollInterval, timeoutMs, cooldown: 1 },
    ...{ allowInsecureHttp: true, allowPrivateNetwork: true },
  });
  const verifier = new AttestationVerifier({
    trustedIssuers: [{ issuer, trustLevel: "provider", trustDomains: ["example.com"], statusLists: [uri] }],
    ...{ keyResolver, statusSource, audience: AUDIENCE },
  });
  await verifier.ready();
  process.on("message", (agent: WatchedAgent) => void watch(verifier, agent));
  process.send?.({ serves: "" } satisfies ReplicaReport);
});

async function watch(verifier: AttestationVerifier, { name, attestation, key }: WatchedAgent): Promise<void> {
  const signer = await KeyPair.fromJwk(key);
  const request = { kind: "message", method: "tools/list" } as const;
  for (let served = false; ; await new Promise((resolve) => setTimeout(resolve, EVERY_MS))) {
    const proof = await createProof({ attestation, signer, audience: AUDIENCE, request });
    const result = await verifier.verify(attestation, { ...request, proof });
    if (result.verified) {
      if (!served) process.send?.({ serves: name } satisfies ReplicaReport);
      served = true;
    } else if (served) {
      const code = "code" in result ? result.code : result.outcome;
      process.send?.({ refuses: name, at: Date.now(), code } satisfies ReplicaReport);
      return;
    }
  }
}
