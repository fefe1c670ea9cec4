import { AttestationVerifier, EXTENSION, InMemoryKeyResolver, InMemoryReplayCache, systemClock } from "@attest/core";
import type { ConformanceCheck } from "../check.ts";
import { AUDIENCE, fixtureAuthority, SERVER_SETTINGS } from "../fixture.ts";
import type { ClientScenario, RunContext, ScenarioUrls } from "../scenario.ts";
import { clientChecks } from "./client-checks.ts";
import { ScenarioServer } from "./scenario-server.ts";

/** The key of RFC 8032 §7.1, test 2: known to everybody, so good for nothing else. */
const AGENT_JWK = {
  kty: "OKP",
  crv: "Ed25519",
  x: "PUAXw-hDiVqStwqnTRt-vJyYLM8uxJaMwM1V8Sr0Zgw",
  d: "TM0Imyj_ltqdtsNG7BFOD1uKMZ81q6Yk2oz27U-4pvs",
};

/** An access token of no server: a proof must cover it all the same. */
const ACCESS_TOKEN = "conformance-access-token";

/**
 * What a client over Streamable HTTP sends that has an attestation. It is given in `MCP_CONFORMANCE_CONTEXT` the `attestation`, the agent's
 * private key `jwk`, the server's name `audience`, and an `accessToken` to send as `Authorization: Bearer`. It must list the tools, call
 * each of them once without arguments, whatever comes of that, and end.
 */
export class AttestedClientScenario implements ClientScenario {
  readonly name = "attest/client";
  readonly description =
    "A client that holds an attestation proves it with every request, and bears refusals as SPEC.md says";
  readonly source: ClientScenario["source"] = { extensionId: EXTENSION };
  #server: ScenarioServer | undefined;

  async start(_context: Pick<RunContext, "specVersion">): Promise<ScenarioUrls> {
    const authority = await fixtureAuthority();
    const keyResolver = new InMemoryKeyResolver();
    const [{ issuer, trustLevel, trustDomains, keys }] = SERVER_SETTINGS.issuers;
    for (const key of keys) await keyResolver.addKey(issuer, key);
    this.#server = new ScenarioServer(
      new AttestationVerifier({
        audience: AUDIENCE,
        trustedIssuers: [{ issuer, trustLevel, trustDomains: [...trustDomains] }],
        keyResolver,
        // As old as a proof can be: the client's first may be made in the second in which this begins.
        replayCache: new InMemoryReplayCache({ clock: () => systemClock() - 60 }),
      }),
    );
    const { d: _, ...publicJwk } = AGENT_JWK;
    const context = {
      audience: AUDIENCE,
      attestation: await authority.attest(publicJwk),
      jwk: AGENT_JWK,
      accessToken: ACCESS_TOKEN,
    };
    return { serverUrl: await this.#server.listen(), context };
  }

  getChecks(): ConformanceCheck[] {
    return clientChecks(this.#server?.requests ?? []);
  }

  async stop(): Promise<void> {
    await this.#server?.close();
  }
}
