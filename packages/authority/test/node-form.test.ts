import { once } from "node:events";
import { connect } from "node:net";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type ServedAuthority, serveAuthority } from "../src/node.ts";
import { Asking, SECRET } from "./asking.ts";

let asking: Asking;
let served: ServedAuthority;
beforeAll(async () => {
  asking = await Asking.start({ limits: { perAddress: 1000, perWorkload: 1000 } });
  served = await serveAuthority(asking.authority, { host: "127.0.0.1", port: 0 });
});
afterAll(() => served.close(100));

interface Ask {
  readonly method?: string;
  readonly path: string;
  readonly fields?: readonly (readonly [string, string])[];
  readonly body?: string;
}

/** Sends bytes on a connection of their own. @returns All that was answered. */
async function exchange(...pieces: readonly string[]): Promise<string> {
  const socket = connect(Number(served.url.port), "127.0.0.1");
  await once(socket, "connect");
  for (const piece of pieces) socket.write(piece);
  let answer = "";
  for await (const chunk of socket) answer += chunk;
  return answer;
}

const textOf = ({ method = "POST", path, fields = [], body = "" }: Ask) =>
  [
    `${method} ${path} HTTP/1.1`,
    "Host: authority.example",
    ...fields.map(([name, value]) => `${name}: ${value}`),
    ...(method === "GET" || method === "HEAD" ? [] : [`Content-Length: ${Buffer.byteLength(body)}`]),
    "Connection: close",
    "",
    body,
  ].join("\r\n");

const FIELDS = ["content-type", "cache-control", "x-content-type-options", "allow", "www-authenticate", "etag"];

/** What `node:http` and `fetch` are to answer alike. */
async function answered({ status, headers, text }: { status: number; headers: Headers; text: string }) {
  const fields = Object.fromEntries(FIELDS.map((name) => [name, headers.get(name)]));
  // Two challenges are never the same.
  return { status, fields, text: text.replace(/"challenge":"[\w-]+"/, '"challenge":"…"') };
}

async function overNode(ask: Ask) {
  const answer = await exchange(textOf(ask));
  const [head = "", ...rest] = answer.split("\r\n\r\n");
  const [line = "", ...fields] = head.split("\r\n");
  const headers = new Headers(fields.map((field) => field.split(": ", 2) as [string, string]));
  return answered({ status: Number(line.split(" ")[1]), headers, text: rest.join("\r\n\r\n") });
}

async function overFetch({ method = "POST", path, fields = [], body = "" }: Ask) {
  const hasBody = method !== "GET" && method !== "HEAD";
  const headers = new Headers();
  for (const [name, value] of fields) headers.append(name, value);
  const request = new Request(`https://authority.example${path}`, { method, headers, ...(hasBody && { body }) });
  const response = await asking.authority.fetch(request);
  return answered({ status: response.status, headers: response.headers, text: await response.text() });
}

const bearer = ["Authorization", `Bearer ${SECRET}`] as const;
const wrong = ["Authorization", "Bearer another-secret-of-nobody"] as const;
const json = ["Content-Type", "application/json"] as const;

describe("over node:http, the same is answered as by fetch", () => {
  it.each<[string, number, Ask]>([
    ["a challenge", 200, { path: "/attestations/challenge", fields: [bearer, json], body: "{}" }],
    ["a challenge, asked with nothing", 200, { path: "/attestations/challenge", fields: [bearer] }],
    ["a query", 200, { path: "/attestations/challenge?x=/y", fields: [bearer], body: "{}" }],
    ["a path that leads back", 200, { path: "/token/../attestations/challenge", fields: [bearer], body: "{}" }],
    ["an escaped path", 404, { path: "/attestations%2Fchallenge", fields: [bearer], body: "{}" }],
    ["an empty segment", 404, { path: "//attestations/challenge", fields: [bearer], body: "{}" }],
    ["a slash at the end", 404, { path: "/attestations/", fields: [bearer], body: "{}" }],
    ["a name of every object", 404, { path: "/constructor", fields: [bearer], body: "{}" }],
    ["another method", 405, { method: "PUT", path: "/attestations", fields: [bearer], body: "{}" }],
    ["no credential", 401, { path: "/attestations/challenge", body: "{}" }],
    ["another credential", 403, { path: "/attestations/challenge", fields: [wrong], body: "{}" }],
    ["two credentials (M14)", 400, { path: "/attestations/challenge", fields: [bearer, wrong], body: "{}" }],
    [
      "two credentials, and the names in other case (M14)",
      400,
      { path: "/attestations/challenge", fields: [bearer, ["AUTHORIZATION", wrong[1]]], body: "{}" },
    ],
    ["a body that is no JSON", 400, { path: "/attestations", fields: [bearer, json], body: "{" }],
    ["a body of the largest size", 400, { path: "/attestations", fields: [bearer], body: " ".repeat(16 * 1024) }],
    ["a body that is larger (T17)", 413, { path: "/attestations", fields: [bearer], body: " ".repeat(16 * 1024 + 1) }],
    ["no form", 400, { path: "/token", fields: [bearer, json], body: "{}" }],
    ["the keys", 200, { method: "GET", path: "/.well-known/jwks.json" }],
    ["the keys' head", 200, { method: "HEAD", path: "/.well-known/jwks.json" }],
    [
      "the keys that are known",
      304,
      { method: "GET", path: "/.well-known/jwks.json", fields: [["If-None-Match", "*"]] },
    ],
    ["the keys by POST", 405, { path: "/.well-known/jwks.json" }],
  ])("%s: %i", async (_, status, ask) => {
    const answer = await overNode(ask);
    expect(answer.status).toBe(status);
    expect(answer).toEqual(await overFetch(ask));
  });
});

it("an address in absolute form is that of its path", async () => {
  const asked = { path: "http://authority.example/attestations/challenge", fields: [bearer], body: "{}" };
  expect((await overNode(asked)).status).toBe(200);
});

it("a target that is no address is nothing here", async () => {
  expect((await overNode({ method: "OPTIONS", path: "*" })).status).toBe(404);
});

it("a body is read whole, in whatever pieces it comes, and no further than it may be long (T17)", async () => {
  const head = `POST /attestations/challenge HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer ${SECRET}\r\nConnection: close\r\n`;
  const chunked = (...pieces: string[]) =>
    [...pieces, ""].map((piece) => `${piece.length.toString(16)}\r\n${piece}\r\n`).join("");
  const send = (body: string) => exchange(`${head}Transfer-Encoding: chunked\r\n\r\n${body}`);
  expect(await send(chunked("{", "}"))).toMatch(/^HTTP\/1.1 200 /);
  expect(await send(chunked(" ".repeat(10_000), " ".repeat(10_000)))).toMatch(/^HTTP\/1.1 413 /);
});

it("two requests that come at once on a connection are both answered, in their order", async () => {
  const first = textOf({ path: "/attestations/challenge", fields: [bearer], body: "{}" });
  const second = textOf({ path: "/nowhere", fields: [bearer], body: "{}" });
  const answer = await exchange(first.replace("Connection: close\r\n", "") + second);
  expect(answer.match(/HTTP\/1.1 \d+/g)).toEqual(["HTTP/1.1 200", "HTTP/1.1 404"]);
});
