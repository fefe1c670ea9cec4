// @attest/gateway: a server that knows nothing of attestation answers an agent through a gateway, and never sees a stranger.
import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import { createTestAuthority } from "@attest/core/testing";
import { createGateway } from "@attest/gateway";
import { createNodeGateway } from "@attest/gateway/node";
import { AttestingAgent, attestFetch, localSource } from "@attest/mcp-client";
import { AttestationGuard } from "@attest/mcp-server";

const { verifierOptions, attestationIssuer, identity, audience } = await createTestAuthority();
let received = 0;
const upstream = await serve((_req, res) => {
  received++;
  res.writeHead(200, { "Content-Type": "application/json" }).end('{"jsonrpc":"2.0","id":1,"result":{"tools":[]}}');
});
const agent = new AttestingAgent({ source: localSource(attestationIssuer, identity) });
const body = '{"jsonrpc":"2.0","id":1,"method":"tools/list"}';
const init = { method: "POST", body, headers: { "Content-Type": "application/json", Accept: "application/json" } };

const node = createNodeGateway({ guard: new AttestationGuard(verifierOptions), upstream: { url: upstream } });
const endpoint = await serve(node.handle);
await answers(attestFetch({ agent, audience, endpoint }), (url, options) => fetch(url, options), endpoint);

const web = createGateway({ guard: new AttestationGuard(verifierOptions), upstream: { url: upstream } });
const direct = (url, options) => web.fetch(new Request(url, options));
await answers(attestFetch({ agent, audience, endpoint, fetch: direct }), direct, endpoint);
console.log("an agent answered, strangers refused, on node:http and fetch");
process.exit(0);

async function answers(attested, plain, url) {
  const before = received;
  assert.deepEqual(await (await attested(url, init)).json(), { jsonrpc: "2.0", id: 1, result: { tools: [] } });
  const refused = await plain(url, init);
  assert.equal(refused.headers.get("agent-attestation-error"), "attestation_required");
  assert.equal(received, before + 1);
}

async function serve(handler) {
  const server = createServer(handler).listen(0, "127.0.0.1");
  await once(server, "listening");
  return `http://127.0.0.1:${server.address().port}/mcp`;
}
