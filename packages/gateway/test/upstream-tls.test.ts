import { once } from "node:events";
import { createServer, type ServerOptions } from "node:https";
import type { AddressInfo } from "node:net";
import type { TLSSocket } from "node:tls";
import { createTestCa, type TestCa } from "hostile-server";
import { beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { createScene, messageOf, request, type Scene } from "./scene.ts";

const ID = 7;
const call = request(ID, "tools/call", { name: "add" });
const address = "127.0.0.1";

let scene: Scene;
let own: TestCa;
let foreign: TestCa;
beforeAll(async () => {
  [scene, own, foreign] = await Promise.all([
    createScene(),
    createTestCa(["localhost"], [address]),
    createTestCa(["elsewhere.example"], []),
  ]);
});

/** How many requests servers got. */
let received = 0;

/** A server that answers with the name on its client's certificate. */
async function tlsServer(options: ServerOptions): Promise<string> {
  received = 0;
  const server = createServer(options, async (req, res) => {
    received++;
    const { CN: client } = (req.socket as TLSSocket).getPeerCertificate().subject ?? {};
    let body = "";
    for await (const piece of req.setEncoding("utf8")) body += piece;
    const answer = { jsonrpc: "2.0", id: JSON.parse(body).id, result: { client } };
    res.writeHead(200, { "Content-Type": "application/json" }).end(JSON.stringify(answer));
  }).listen(0, address);
  await once(server, "listening");
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return `https://${address}:${(server.address() as AddressInfo).port}/mcp`;
}

async function callThrough(url: string, tls?: { certificate?: string; key?: string; ca?: string }) {
  const endpoint = await scene.gateway(url, { upstream: { url, timeout: 5, ...(tls && { tls }) } });
  return messageOf(await fetch(endpoint, await scene.alice.post(call)));
}

const mutual = () => ({ ...own.server, ca: own.ca, requestCert: true, rejectUnauthorized: true });
const shown = ({ client }: TestCa) => ({ certificate: client.cert, key: client.key, ca: own.ca });
const failed = { id: ID, error: { code: -32603 } };

describe("a gateway before a server with TLS", () => {
  it("reaches one whose certificate its authority signed", async () => {
    expect(await callThrough(await tlsServer(own.server), { ca: own.ca })).toMatchObject({ id: ID, result: {} });
  });

  it("reaches one by its name", async () => {
    const { port } = new URL(await tlsServer(own.server));
    expect(await callThrough(`https://localhost:${port}/mcp`, { ca: own.ca })).toMatchObject({ id: ID, result: {} });
  });

  it("shows its own certificate to one that asks for it", async () => {
    const answer = await callThrough(await tlsServer(mutual()), shown(own));
    expect(answer).toMatchObject({ id: ID, result: { client: "Client" } });
  });

  it.each([
    [
      "whose certificate is for another name",
      () => tlsServer({ ...foreign.server }),
      () => ({ ca: foreign.ca }),
      "ERR_TLS_CERT_ALTNAME_INVALID",
    ],
    [
      "whose certificate another authority signed",
      () => tlsServer(own.server),
      () => ({ ca: foreign.ca }),
      /^(UNABLE_TO|SELF_SIGNED|CERT)/,
    ],
    [
      "whose authority the system does not know",
      () => tlsServer(own.server),
      () => undefined,
      /^(UNABLE_TO|SELF_SIGNED|CERT)/,
    ],
    ["that asks for a certificate where it has none", () => tlsServer(mutual()), () => ({ ca: own.ca }), /^[A-Z_]+$/],
    ["that asks for a certificate of its own authority", () => tlsServer(mutual()), () => shown(foreign), /^[A-Z_]+$/],
  ])("sends nothing to one %s, and its caller gets an error (SPEC-22.9)", async (_, server, tls, code) => {
    expect(await callThrough(await server(), tls())).toMatchObject(failed);
    const expected = typeof code === "string" ? code : expect.stringMatching(code);
    expect(scene.failures.at(-1)).toMatchObject({ reason: "unreachable", code: expected });
    expect(received).toBe(0);
  });
});
