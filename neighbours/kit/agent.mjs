import { AttestationIssuer, KeyPair } from "@attest/core";
import { AttestingAgent, attestationErrorOf, localSource } from "@attest/mcp-client";

const { issuer, jwk, ...server } = JSON.parse(process.env.ATTEST_AGENT);
const provider = new AttestationIssuer({ issuer, signer: await KeyPair.fromJwk(jwk) });
const identity = { modelFamily: "example", modelVersion: "example-1", provider: "example" };

export const agent = new AttestingAgent({ source: localSource(provider, identity) });
export const { audience, endpoint } = server;

/**
 * Calls both tools of the probe's server and tells it what came out.
 *
 * @param call Calls a tool by name and resolves to what a user of the framework gets.
 * @param attesting The `fetch` that attests.
 */
export async function callBoth(call, attesting) {
  const whoami = JSON.stringify(await call("whoami"));
  const refused = await call("elsewhere").then(
    (answer) => ({ answer: JSON.stringify(answer) }),
    (error) => ({ reason: attestationErrorOf(error)?.reason, error: String(error) }),
  );
  console.log(JSON.stringify({ whoami, refused, status: attesting.attestation.status }));
}
