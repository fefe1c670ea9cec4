// @attest/status-list: an authority publishes a list that a verifier fetches over HTTP, from the allocation to the refusal.
import assert from "node:assert/strict";
import { once } from "node:events";
import { mkdtempSync } from "node:fs";
import { createServer } from "node:http";
import { join } from "node:path";
import { deflateSync } from "node:zlib";
import { InMemoryKeyResolver, KeyPair } from "@attest/core";
import { HttpStatusSource, MemoryStatusStorage, StatusList, StatusListPublisher } from "@attest/status-list";
import { createNodeStatusListHandler, FileStatusStorage } from "@attest/status-list/node";
import { PostgresStatusStorage } from "@attest/status-list/postgres";
import { statusStorageContract } from "@attest/status-list/storage-contract";
import { collectTests } from "./collect-tests.mjs";

const issuer = "https://authority.example";
const signer = await KeyPair.generate();
const keyResolver = new InMemoryKeyResolver();
await keyResolver.addKey(issuer, { ...signer.toJwk(), kid: signer.kid });
let handle;
const server = createServer((req, res) => handle(req, res)).listen(0, "127.0.0.1");
await once(server, "listening");
const uri = `http://127.0.0.1:${server.address().port}/status/1`;

const storage = new FileStatusStorage(join(mkdtempSync("status-"), "status"));
const publisher = await StatusListPublisher.open({ uri, issuer, signer, storage });
handle = createNodeStatusListHandler(publisher);
const onNode = !("Deno" in globalThis || "Bun" in globalThis);
const client = onNode ? { allowPrivateNetwork: true } : { fetch, allowUncheckedAddresses: true };
const source = new HttpStatusSource({ lists: { [issuer]: uri }, keyResolver, allowInsecureHttp: true, ...client });

const key = "k".repeat(43);
const status = await publisher.allocate(key);
assert.equal(await source.check(issuer, status), "valid");
await publisher.revoke({ key });
await new Promise((resolve) => setTimeout(resolve, publisher.publishDelay * 1000));
await source.reload();
assert.equal(await source.check(issuer, status), "revoked");
server.closeAllConnections();
server.close();
await source.close();

// Platforms differ in what they take for whole data, and in how much they inflate at once.
const whole = deflateSync(new Uint8Array(1000).fill(1));
const decode = (bytes, limits) => StatusList.decode({ bits: 1, lst: Buffer.from(bytes).toString("base64url") }, limits);
assert.equal((await decode(whole)).size, 8000);
const unusable = { code: "ERR_REVOCATION_UNAVAILABLE" };
for (const bytes of [whole.subarray(0, -1), whole.subarray(0, -4), whole.subarray(0, 0), [...whole, 0]]) {
  await assert.rejects(decode(bytes), unusable);
}
const bomb = deflateSync(new Uint8Array(64 * 1024 * 1024));
const before = process.memoryUsage().rss;
await assert.rejects(decode(bomb, { maxBytes: 1024 * 1024 }), { message: /inflates to more than/ });
assert.ok(process.memoryUsage().rss - before < 40 * 1024 * 1024);

const contract = collectTests();
statusStorageContract(contract.functions, async () => {
  const memory = new MemoryStatusStorage();
  return { open: async () => memory };
});
const passed = await contract.run();
assert.equal(typeof PostgresStatusStorage, "function");
console.log(`a revocation published and fetched, a bomb refused, ${passed} tests of a storage`);
process.exit(0);
