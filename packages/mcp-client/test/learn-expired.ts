import { Attempts, type AttestingAgent, type Credentials } from "@attest/mcp-client";

/** Has an agent learn that a server refused credentials as expired, in the first attempt of a request. */
export function learnExpired(
  agent: AttestingAgent,
  audience: string,
  credentials: Credentials,
  serverTime: number | undefined,
): boolean {
  const advice = serverTime === undefined ? {} : { serverTime };
  return agent.learn(audience, { reason: "attestation_expired", advice, credentials }, new Attempts());
}
