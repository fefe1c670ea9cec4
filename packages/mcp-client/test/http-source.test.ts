import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { decodeBase64url, importVerificationKey } from "@attest/core";
import { createTestAuthority, type TestAuthority } from "@attest/core/testing";
import { AttestingAgent, type HttpSourceOptions, httpSource } from "@attest/mcp-client";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

/** What the authority was sent, and what it answers. */
interface Received {
  readonly url: string;
  readonly authorization: string | undefined;
  // biome-ignore lint/suspicious/noExplicitAny: JSON of a test
  readonly body: any;
}
type Answer = (received: Received, res: ServerResponse) => void | Promise<void>;

const servers: Server[] = [];
let authority: TestAuthority;
let received: Received[];
let answer: Answer;
let url: URL;

async function listen(handle: (req: IncomingMessage, res: ServerResponse) => void): Promise<URL> {
  const server = createServer(handle);
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/attestations`);
}

const json = (res: ServerResponse, body: unknown, status = 200): void => {
  res.writeHead(status, { "Content-Type": "application/json" }).end(JSON.stringify(body));
};

/** What an honest authority does. */
const honest: Answer = async ({ url: path, body }, res) => {
  if (path === "/attestations/challenge") return json(res, { challenge: "a-challenge", expires_in: 60 });
  const attestation = await authority.provider.createToken({
    identity: authority.identity,
    confirmationKey: body.confirmation_key,
  });
  json(res, { attestation, expires_at: 0 }, 201);
};

beforeEach(async () => {
  authority = await createTestAuthority();
  received = [];
  answer = honest;
  url = await listen(async (req, res) => {
    let text = "";
    for await (const chunk of req) text += chunk;
    const got = { url: req.url ?? "", authorization: req.headers.authorization, body: JSON.parse(text) };
    received.push(got);
    await answer(got, res);
  });
});

afterEach(async () => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
});

const sourceWith = (options: Partial<HttpSourceOptions> = {}) =>
  httpSource(url, { credential: () => "the-credential-of-a-workload", ...options });
const audience = "https://bank.example/mcp";
const ask = () => ({
  confirmationKey: authority.agentKey.toJwk(),
  audience,
  provePossession: async (challenge: string) => `signed ${challenge}`,
});

describe("an HTTP source", () => {
  it("has the agent prove possession of its key over the authority's challenge", async () => {
    const agent = new AttestingAgent({ source: sourceWith() });
    await agent.credentialsFor(audience, { kind: "message", method: "ping" });
    expect(received.map((one) => one.url)).toEqual(["/attestations/challenge", "/attestations"]);
    const body = received[1]?.body;
    expect(body.possession.challenge).toBe("a-challenge");
    const key = await importVerificationKey(body.confirmation_key);
    const signed = new TextEncoder().encode("io.github.attest/possession\na-challenge");
    expect(await key.verify(signed, decodeBase64url(body.possession.signature) ?? new Uint8Array())).toBe(true);
  });

  it("asks for its credential anew each time, and sends it as Bearer", async () => {
    let n = 0;
    const source = sourceWith({ credential: async () => `credential-number-${++n}` });
    await source.getAttestation(ask());
    await source.getAttestation(ask());
    expect(received.map(({ authorization }) => authorization)).toEqual([
      "Bearer credential-number-1",
      "Bearer credential-number-1",
      "Bearer credential-number-2",
      "Bearer credential-number-2",
    ]);
  });

  it("asks for its credential for the key that is to be attested", async () => {
    const asked: string[] = [];
    const credential = ({ keyThumbprint }: { keyThumbprint: string }) => {
      asked.push(keyThumbprint);
      return "a-credential";
    };
    await sourceWith({ credential }).getAttestation(ask());
    const { thumbprint } = await importVerificationKey(authority.agentKey.toJwk());
    expect(asked).toEqual([thumbprint]);
  });

  it("asks by a rule of the authority, in both requests, where one is named", async () => {
    await sourceWith({ rule: "finance-bot" }).getAttestation(ask());
    expect(received.map(({ body }) => body.rule)).toEqual(["finance-bot", "finance-bot"]);
    await sourceWith().getAttestation(ask());
    expect(received[2]?.body).toEqual({});
    expect(() => sourceWith({ rule: "Finance Bot" })).toThrow("rule");
  });

  it("sends the authority the server that it is for, unless it is told not to", async () => {
    await sourceWith({ identity: authority.identity }).getAttestation(ask());
    await sourceWith({ nameAudience: false }).getAttestation(ask());
    expect(received[1]?.body.audience).toBe(audience);
    expect(received[1]?.body.identity.model_version).toBe(authority.identity.modelVersion);
    expect(received[3]?.body).not.toHaveProperty("audience");
    expect(received[3]?.body).not.toHaveProperty("identity");
  });

  it("proves possession to an authority that demands form 2 by a signature that names it (SPEC-8.9, A2)", async () => {
    const challenged = (possession: unknown) => {
      const challenge = { challenge: "a-challenge", ...(possession !== undefined && { possession }) };
      answer = (got, res) => (got.url.endsWith("/challenge") ? json(res, challenge) : honest(got, res));
      return new AttestingAgent({ source: sourceWith() }).credentialsFor(audience, { kind: "message", method: "ping" });
    };
    const signed = async (text: string) => {
      const { confirmation_key, possession } = received.at(-1)?.body ?? {};
      const key = await importVerificationKey(confirmation_key);
      return key.verify(new TextEncoder().encode(text), decodeBase64url(possession.signature) ?? new Uint8Array());
    };
    await challenged(2);
    expect(await signed(`io.github.attest/possession/2\n${url.href}\na-challenge`)).toBe(true);
    expect(await signed("io.github.attest/possession\na-challenge")).toBe(false);
    await challenged(undefined);
    expect(await signed("io.github.attest/possession\na-challenge")).toBe(true);
    const asked = received.length;
    for (const unknown of [1, 3, "2", null, [2]]) {
      await expect(challenged(unknown)).rejects.toThrow("a form of possession that this client does not know");
    }
    // Not one of them was sent a signature.
    expect(received.slice(asked).map((one) => one.url)).toEqual(Array(5).fill("/attestations/challenge"));
  });

  it("follows no redirect, so that its credential goes nowhere else (M10)", async () => {
    const strayed: string[] = [];
    const elsewhere = await listen((req, res) => {
      strayed.push(req.url ?? "");
      json(res, { challenge: "x" });
    });
    answer = (_, res) => void res.writeHead(307, { Location: elsewhere.href }).end();
    await expect(sourceWith().getAttestation(ask())).rejects.toMatchObject({ code: "ERR_SOURCE_UNAVAILABLE" });
    expect(strayed).toEqual([]);
  });

  it.each<[string, Answer]>([
    ["no JSON", (_, res) => void res.end("secret words")],
    ["JSON that is no object", (_, res) => json(res, ["secret words"])],
    ["no challenge", (_, res) => json(res, { challange: "secret words" })],
    ["a challenge that is no text", (_, res) => json(res, { challenge: 7 })],
    ["a challenge with a line feed", (_, res) => json(res, { challenge: "a\nb" })],
    ["an error", (_, res) => json(res, { error: "secret words", message: "secret words" }, 403)],
    ["nothing", (_, res) => void res.writeHead(204).end()],
    ["a broken connection", (_, res) => void res.destroy()],
    ["more than is read", (_, res) => json(res, { challenge: "a", padding: "secret words".repeat(2000) })],
    ["no attestation", ({ url: path }, res) => json(res, path.endsWith("challenge") ? { challenge: "a" } : {})],
  ])("takes %s for no attestation, and repeats none of the authority's words (O1)", async (_, wrong) => {
    answer = wrong;
    const refused = sourceWith().getAttestation(ask());
    await expect(refused).rejects.toMatchObject({ code: "ERR_SOURCE_UNAVAILABLE", retryable: true });
    await expect(refused).rejects.not.toThrow("secret");
  });

  it.each<[object, string]>([
    [{ error: "identity_not_registered", message: "…" }, "HTTP 403 (identity_not_registered)"],
    [{ error: "invalid_request", error_description: "secret words" }, "HTTP 403 (invalid_request)"],
    [{ error: "x509_required" }, "HTTP 403 (x509_required)"],
    [{ type: "https://authority.example/problems/rule_required", title: "secret words" }, "HTTP 403 (rule_required)"],
    [{ type: "urn:problem:audience_required" }, "HTTP 403 (audience_required)"],
    [{ type: "about:blank", title: "Forbidden" }, "HTTP 403"],
    [{ error: "Secret Words" }, "HTTP 403"],
  ])("names the authority's error code, by which one knows what to do: %o", async (body, told) => {
    answer = (_, res) => json(res, body, 403);
    const message = `The authority answered with ${told}`;
    await expect(sourceWith().getAttestation(ask())).rejects.toMatchObject({ message });
    const refused = new AttestingAgent({ source: sourceWith() }).credentialsFor(audience, {
      kind: "message",
      method: "ping",
    });
    await expect(refused).rejects.toMatchObject({
      code: "ERR_SOURCE_UNAVAILABLE",
      message: `No attestation is available: ${message}`,
      cause: expect.objectContaining({ message }),
    });
  });

  it("stops reading an answer that has no end", async () => {
    let sent = 0;
    answer = (_, res) => {
      const more = () => {
        while (!res.destroyed && res.write("x".repeat(1024))) sent += 1024;
      };
      res.on("drain", more);
      more();
    };
    await expect(sourceWith({ maxBytes: 4096 }).getAttestation(ask())).rejects.toThrow("more than 4096 bytes");
    expect(sent).toBeLessThan(64 * 1024 * 1024);
  });

  it("gives up at its deadline, and when the asker does, and says which", async () => {
    answer = () => {};
    await expect(sourceWith({ timeoutMs: 30 }).getAttestation(ask())).rejects.toThrow("did not answer within 30 ms");
    const signal = AbortSignal.abort();
    await expect(sourceWith().getAttestation({ ...ask(), signal })).rejects.toThrow("stopped waiting");
    answer = (_, res) => void res.writeHead(200).write("{");
    await expect(sourceWith({ timeoutMs: 30 }).getAttestation(ask())).rejects.toThrow("did not answer within 30 ms");
  });

  it("says of a connection that failed why it did, without the address (O1)", async () => {
    const closed = await listen(() => {});
    const server = servers.pop() as Server;
    await new Promise((resolve) => server.close(resolve));
    const options = { credential: () => "the-credential-of-a-workload" };
    const refused = httpSource(closed, options).getAttestation(ask());
    await expect(refused).rejects.toMatchObject({ message: "The authority refused the connection (ECONNREFUSED)" });
    const failing = (error: unknown) =>
      httpSource(closed, { ...options, fetch: () => Promise.reject(error) }).getAttestation(ask());
    const lost = new TypeError("fetch failed", { cause: Object.assign(new Error("secret"), { code: "ENOTFOUND" }) });
    await expect(failing(lost)).rejects.toMatchObject({ message: "The authority could not be reached (ENOTFOUND)" });
    for (const error of ["secret", undefined, Object.assign(new Error("secret"), { code: "a secret" })]) {
      await expect(failing(error)).rejects.toMatchObject({
        message: "The authority could not be reached, or its answer broke off",
      });
    }
  });

  it("says that a redirect is not followed", async () => {
    answer = (_, res) => void res.writeHead(308, { Location: "/elsewhere" }).end();
    await expect(sourceWith().getAttestation(ask())).rejects.toThrow("HTTP 308, and a redirect is not followed");
  });

  it("sends nothing with a credential that could not be a header", async () => {
    const refused = sourceWith({ credential: () => "two\r\nlines" }).getAttestation(ask());
    await expect(refused).rejects.toMatchObject({ code: "ERR_SOURCE_UNAVAILABLE" });
    await expect(refused).rejects.not.toThrow("two");
    expect(received).toEqual([]);
  });

  it.each([
    ["url", "http://authority.example/attestations", {}],
    ["url", "https://user:word@authority.example/", {}],
    ["url", "no url", {}],
    ["url", "ftp://authority.example/", { allowInsecureHttp: true }],
    ["credential", "https://authority.example/", { credential: "static" }],
    ["timeoutMs", "https://authority.example/", { timeoutMs: Number.NaN }],
    ["timeoutMs", "https://authority.example/", { timeoutMs: Number.POSITIVE_INFINITY }],
    ["maxBytes", "https://authority.example/", { maxBytes: 0 }],
    ["nameAudience", "https://authority.example/", { nameAudience: "yes" }],
    ["identity", "https://authority.example/", { identity: 1 }],
    ["fetch", "https://authority.example/", { fetch: true }],
    ["retries", "https://authority.example/", { retries: 3 }],
  ])("refuses at construction a wrong %s: %s %o", (name, wrongUrl, wrong) => {
    const options = { credential: () => "the-credential-of-a-workload", ...wrong } as HttpSourceOptions;
    expect(() => httpSource(wrongUrl, options)).toThrow(name);
  });

  it("takes plain HTTP elsewhere only by the name of its danger", () => {
    const options = { credential: () => "the-credential-of-a-workload" };
    expect(() => httpSource("http://authority.internal/", { ...options, allowInsecureHttp: true })).not.toThrow();
    expect(() => httpSource("http://localhost:1/", options)).not.toThrow();
  });
});
