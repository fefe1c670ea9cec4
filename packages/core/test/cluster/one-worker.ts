// A primary that starts one worker, in which a verifier is made in several ways; prints what each came to.
import cluster from "node:cluster";
import { type AttestationError, AttestationVerifier, InMemoryReplayCache, type VerifierOptions } from "@attest/core";

const options: VerifierOptions = {
  trustedIssuers: [{ issuer: "https://authority.example", trustLevel: "provider", trustDomains: ["example.com"] }],
  keyResolver: { resolve: () => undefined },
  audience: "https://server.example/mcp",
};

function outcomeOf(more: Partial<VerifierOptions>): string {
  try {
    new AttestationVerifier({ ...options, ...more });
    return "made";
  } catch (error) {
    const { code, message } = error as AttestationError;
    return `${code}: ${message}`;
  }
}

const outcomes = (): Record<string, string> => ({
  default: outcomeOf({}),
  "in memory": outcomeOf({ instances: "single", replayCache: new InMemoryReplayCache() }),
  shared: outcomeOf({ replayCache: { scope: "shared", consume: () => true } }),
});

if (cluster.isPrimary) {
  const worker = cluster.fork();
  worker.on("message", (inWorker) => {
    process.stdout.write(JSON.stringify({ inPrimary: outcomes(), inWorker }));
    worker.kill();
  });
} else process.send?.(outcomes());
