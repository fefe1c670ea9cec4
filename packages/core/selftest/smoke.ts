import {
  AttestationIssuer,
  AttestationVerifier,
  createProof,
  InMemoryKeyResolver,
  InMemoryReplayCache,
  KeyPair,
  type ProofRequest,
  systemClock,
  type VerificationResult,
} from "@attest/core";

const issuer = "https://authority.example";
const audience = "https://server.example/mcp";
const identity = { modelFamily: "example", modelVersion: "example-1", provider: "example" };
const message: ProofRequest = { kind: "message", method: "tools/call", params: { name: "transfer", to: "Zoë" } };
const response: ProofRequest = { kind: "response", id: 1, result: { action: "accept" } };
const http: ProofRequest = { kind: "http", method: "POST", body: new TextEncoder().encode('{"jsonrpc":"2.0"}') };

/**
 * Issues, proves, verifies and refuses with keys made here, of both algorithms on both sides, using nothing of any platform.
 *
 * @returns What came out otherwise than it must: nothing, if all is well.
 */
export async function smoke(): Promise<string[]> {
  const problems: string[] = [];
  const check = (name: string, result: VerificationResult, expected: string) => {
    const actual = "code" in result ? result.code : result.outcome;
    if (actual !== expected) problems.push(`${name}: ${actual} instead of ${expected}`);
  };
  const pairs = () => Promise.all([KeyPair.generate(), KeyPair.generate({ algorithm: "ES256" })]);
  const [authorityKeys, agentKeys] = [await pairs(), await pairs()];
  const keyResolver = new InMemoryKeyResolver();
  for (const key of authorityKeys) await keyResolver.addKeyPair(issuer, key);
  const verifier = new AttestationVerifier({
    trustedIssuers: [
      { issuer, trustLevel: "provider", trustDomains: ["example.com"], algorithms: ["Ed25519", "ES256"] },
    ],
    keyResolver,
    audience,
    allowBearer: true,
    // Of a process that has been running for a minute: it refuses what may be older than itself.
    replayCache: new InMemoryReplayCache({ clock: () => systemClock() - 60 }),
  });

  for (const authorityKey of authorityKeys) {
    const provider = new AttestationIssuer({ issuer, signer: authorityKey });
    for (const signer of agentKeys) {
      const name = `${authorityKey.algorithm} for ${signer.algorithm}`;
      const attestation = await provider.createToken({ identity, confirmationKey: signer.toJwk() });
      const prove = (request: ProofRequest) => createProof({ attestation, signer, audience, request });
      for (const request of [message, response, http]) {
        const proof = await prove(request);
        check(`${name}: ${request.kind}`, await verifier.verify(attestation, { ...request, proof }), "verified");
        check(`${name}: replay`, await verifier.verify(attestation, { ...request, proof }), "ERR_REPLAY");
      }
      const proof = await prove(message);
      const foreign = `${proof.slice(0, -86)}${(await prove(message)).slice(-86)}`;
      const verify = (token: string, request: ProofRequest, withProof?: string) =>
        verifier.verify(token, { ...request, ...(withProof !== undefined && { proof: withProof }) });
      check(`${name}: another message`, await verify(attestation, response, proof), "ERR_PROOF_DIGEST");
      check(`${name}: another signature`, await verify(attestation, message, foreign), "ERR_PROOF_SIGNATURE");
      check(`${name}: padded`, await verify(`${attestation}=`, message, proof), "ERR_ATTESTATION_ENCODING");
      check(`${name}: no proof`, await verify(attestation, message), "ERR_PROOF_REQUIRED");
    }
  }
  const provider = new AttestationIssuer({ issuer, signer: authorityKeys[0] });
  const bearer = await provider.createToken({ identity, bearer: true, audience });
  check("bearer", await verifier.verify(bearer), "verified");
  check("bearer again", await verifier.verify(bearer), "ERR_REPLAY");
  check("nothing", await verifier.verify(undefined), "ERR_ATTESTATION_REQUIRED");
  return problems;
}
