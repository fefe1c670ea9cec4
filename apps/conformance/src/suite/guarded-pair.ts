// One server twice: as it is, and behind a guard that demands attestation, which a proxy in front of it has. Prints the two URLs as JSON.
// Usage: node guarded-pair.js
import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import { InMemoryKeyResolver, KeyPair } from "@attest/core";
import { AttestingAgent, attestFetch } from "@attest/mcp-client";
import { AttestationGuard, attestHandler } from "@attest/mcp-server";
import { createAdaptorServer } from "@hono/node-server";
import { createMcpHandler } from "@modelcontextprotocol/server";
import { AUDIENCE, fixtureAuthority, SERVER_SETTINGS } from "../fixture.ts";
import { attestingProxy } from "./attesting-proxy.ts";
import { everydayServer } from "./everyday-server.ts";

const authority = await fixtureAuthority();
const keyResolver = new InMemoryKeyResolver();
const [{ issuer, trustLevel, trustDomains, keys }] = SERVER_SETTINGS.issuers;
for (const key of keys) await keyResolver.addKey(issuer, key);
const guard = new AttestationGuard({
  audience: AUDIENCE,
  trustedIssuers: [{ issuer, trustLevel, trustDomains: [...trustDomains] }],
  keyResolver,
});
const source = { getAttestation: ({ confirmationKey }: Ask) => authority.attest(confirmationKey) };
const agent = new AttestingAgent({ source, signer: await KeyPair.generate() });

const plain = createMcpHandler(everydayServer);
const guarded = attestHandler(createMcpHandler(everydayServer), guard);
const endpoint = new URL(await listen((request) => guarded.fetch(request)));
const proxy = attestingProxy(endpoint, attestFetch({ agent, audience: AUDIENCE, endpoint }));
console.log(JSON.stringify({ plain: await listen((request) => plain.fetch(request)), guarded: await listen(proxy) }));

type Ask = Parameters<ConstructorParameters<typeof AttestingAgent>[0]["source"]["getAttestation"]>[0];

async function listen(fetch: (request: Request) => Promise<Response> | Response): Promise<string> {
  const server = createAdaptorServer({ fetch }) as Server;
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/mcp`;
}
