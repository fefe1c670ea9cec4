// @attest/remote-documents: a document is fetched over HTTP, looked at, revalidated, and not taken for empty in an outage.
import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import { DocumentClient, RemoteDocument } from "@attest/remote-documents";

const asked = [];
const server = createServer((req, res) => {
  asked.push(req.headers["if-none-match"]);
  if (req.headers["if-none-match"] === '"1"') res.writeHead(304).end();
  else res.writeHead(200, { etag: '"1"' }).end("alice");
}).listen(0, "127.0.0.1");
await once(server, "listening");

const onNode = !("Deno" in globalThis || "Bun" in globalThis);
const client = new DocumentClient({
  allowInsecureHttp: true,
  ...(onNode ? { allowPrivateNetwork: true } : { fetch, allowUncheckedAddresses: true }),
});
const options = {
  client,
  accept: "text/plain",
  parse: (body) => ({ value: new TextDecoder().decode(body) }),
  code: "ERR_SOURCE_UNAVAILABLE",
  source: "The server of names",
  unavailable: "The name cannot be fetched",
};
const url = `http://127.0.0.1:${server.address().port}/name`;
const document = new RemoteDocument({ ...options, url });
const find = async (name) => document.find((held) => (held === name ? name : undefined));

assert.equal(await find("alice"), "alice");
assert.equal(await find("bob"), undefined);
await document.reload();
assert.deepEqual(asked, [undefined, '"1"']);
server.closeAllConnections();
server.close();
await assert.rejects(document.reload(), { code: "ERR_SOURCE_UNAVAILABLE" });
assert.equal(await find("alice"), "alice");
await assert.rejects(find("bob"), { code: "ERR_SOURCE_UNAVAILABLE" });
await client.close();
await assert.rejects(find("alice"), { code: "ERR_SOURCE_UNAVAILABLE" });
if (onNode) {
  const checked = new DocumentClient({ allowInsecureHttp: true });
  await assert.rejects(new RemoteDocument({ ...options, client: checked, url }).reload(), ({ cause }) =>
    cause.message.includes("not at a public address"),
  );
}
console.log("a document fetched, revalidated, kept in an outage and not served after closing");
process.exit(0);
