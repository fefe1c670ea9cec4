import type { ChildProcess } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { AUDIENCE, attestIn, ISSUER, workFolder } from "./attest.ts";
import { startBank } from "./bank.ts";

const folder = workFolder();
const attest = attestIn(folder);
const write = (name: string, content: string) => writeFileSync(join(folder, name), content);

describe("a server that demands attestation", () => {
  let server: ChildProcess;
  let url: string;

  beforeAll(async () => {
    for (const name of ["authority", "agent"]) await attest(["keygen", "--out", `${name}.json`, "--kid", `${name}-1`]);
    ({ url, process: server } = await startBank(folder));
  });
  afterAll(() => server?.kill("SIGKILL"));

  async function attestation(...options: string[]): Promise<void> {
    const issue = ["generate", "--issuer", ISSUER, "--key", "authority.json", ...options];
    write("token", (await attest(issue)).stdout);
  }

  const present = ["--attestation", "token", "--holder-key", "agent.json", "--audience"];

  it("is seen to demand it, and the reader is told what a client needs", async () => {
    const { status, stdout } = await attest(["doctor", url]);
    expect(status).toBe(0);
    expect(stdout).toContain("required: a client without one is refused");
    expect(stdout).toContain("agrees with this machine's");
    expect(stdout).toContain("attestFetch");
  });

  it("is seen to take good credentials", async () => {
    await attestation("--holder-key", "agent.json");
    const { status, stdout } = await attest(["doctor", url, ...present, AUDIENCE, "--json"]);
    expect(JSON.parse(stdout)).toMatchObject({
      verdict: "ready",
      demand: "required",
      attested: { outcome: "result", server: "demo-bank 1.0.0" },
      advertised: { verificationStatus: "verified", trustLevel: "provider", version: "0.2.0" },
      tickets: 300,
      chains: false,
      next: [],
    });
    expect(status).toBe(0);
    expect((await attest(["doctor", url, ...present, AUDIENCE])).stdout).toContain("granted, for 300 s");
  });

  it.each([
    [
      "made out to another server",
      ["--holder-key", "agent.json"],
      "https://other.example",
      "proof_invalid",
      "--audience",
    ],
    [
      "of an issuer that it does not trust",
      ["--holder-key", "agent.json", "--issuer", "https://o.example"],
      AUDIENCE,
      "issuer_untrusted",
      "trustedIssuers",
    ],
    ["of another's key", ["--holder-key", "authority.json"], AUDIENCE, "proof_invalid", "--holder-key"],
    ["that are bearer", ["--bearer", "--audience", AUDIENCE], AUDIENCE, "invalid", "bearer"],
  ])(
    "is seen to refuse credentials %s, and the reader is told why that can be",
    async (_, how, audience, reason, hint) => {
      await attestation(...how);
      const { status, stdout } = await attest(["doctor", url, ...present, audience, "--json"]);
      const { verdict, attested, next } = JSON.parse(stdout);
      expect({ verdict, reason: attested.reason }).toEqual({ verdict: "refused", reason: `attestation_${reason}` });
      expect(next.join("\n")).toContain(hint);
      expect(status).toBe(1);
    },
  );

  it("is told from an attestation that is at fault itself", async () => {
    await attestation("--holder-key", "agent.json");
    const token = readFileSync(join(folder, "token"), "utf8").trim();
    write("token", `${token}=`);
    const { status, stdout } = await attest(["doctor", url, ...present, AUDIENCE]);
    expect(status).toBe(1);
    expect(stdout).toContain("padded");
  });
});

describe("a server of any kind", () => {
  let open: Server | undefined;
  let url: string;
  afterEach(() => {
    open?.close();
    open?.closeAllConnections();
  });

  /** Starts a server that knows these methods, and answers others with 405. */
  async function listen(
    handle: (request: IncomingMessage, response: ServerResponse, body: string) => void,
    methods: readonly string[] = ["POST"],
  ): Promise<void> {
    const server = createServer((request, response) => {
      if (!methods.includes(request.method ?? "")) {
        response.writeHead(405).end();
        return;
      }
      let body = "";
      request.setEncoding("utf8").on("data", (text) => {
        body += text;
      });
      request.on("end", () => handle(request, response, body));
    });
    open = server;
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/mcp`;
  }

  async function examine(...options: string[]) {
    const { status, stdout } = await attest(["doctor", url, ...options, "--json"]);
    return { status, ...JSON.parse(stdout) };
  }

  const answer = (response: ServerResponse, body: string, message: object, headers = {}) =>
    response
      .writeHead(200, { "content-type": "application/json", ...headers })
      .end(JSON.stringify({ jsonrpc: "2.0", id: JSON.parse(body).id, ...message }));
  const initialized = {
    result: { protocolVersion: "2025-11-25", capabilities: {}, serverInfo: { name: "plain", version: "1" } },
  };

  it("that knows no attestation is seen to let everyone in", async () => {
    await listen((_, response, body) => answer(response, body, initialized));
    const found = await examine();
    expect(found).toMatchObject({ status: 0, verdict: "ready", demand: "none", initialize: { server: "plain 1" } });
    expect(found.next[0]).toContain("@attest/mcp-server");
  });

  it("that advertises a policy is believed to have it, by stream as well as by JSON", async () => {
    const attestation = { policy: "preferred", version: "0.2.0", verification_status: "not_provided" };
    const result = {
      protocolVersion: "2025-11-25",
      capabilities: { experimental: { "security.attestation": attestation } },
    };
    await listen((_, response, body) => {
      const message = JSON.stringify({ jsonrpc: "2.0", id: JSON.parse(body).id, result });
      response.writeHead(200, { "content-type": "text/event-stream" });
      // The stream stays open: the answer in it is enough.
      response.write(
        `event: message\r\ndata: {"jsonrpc":"2.0","method":"notifications/message"}\r\n\r\ndata: ${message}\r\n\r\n`,
      );
    });
    expect(await examine()).toMatchObject({ status: 0, demand: "preferred", verdict: "ready" });
  });

  it("of the stateless era is asked by server/discover, in its own terms", async () => {
    const extensions = { "io.github.attest/agent-attestation": { version: "0.2.0", policy: "required" } };
    const seen: IncomingMessage["headers"][] = [];
    await listen((request, response, body) => {
      seen.push(request.headers);
      const { method } = JSON.parse(body);
      const reason = "attestation_required";
      if (method === "initialize") answer(response, body, { error: { code: -32601, message: "no" } });
      else if (method === "server/discover") {
        answer(response, body, { result: { supportedVersions: ["2026-07-28"], capabilities: { extensions } } });
      } else
        answer(response, body, { error: { code: -31001, data: { reason } } }, { "agent-attestation-error": reason });
    });
    expect(await examine()).toMatchObject({ status: 0, demand: "required", verdict: "ready" });
    expect(seen[1]).toMatchObject({ "mcp-protocol-version": "2026-07-28", "mcp-method": "server/discover" });
  });

  it("gets the access token at its own address, and at no other spelling of it (M10)", async () => {
    const seen = new Map<string, Set<string>>();
    const reason = "attestation_required";
    await listen((request, response, body) => {
      const { url = "", headers } = request;
      seen.set(url, (seen.get(url) ?? new Set()).add(headers.authorization ?? "none"));
      answer(response, body, { error: { code: -31001, data: { reason } } }, { "agent-attestation-error": reason });
    });
    write("access-token", "secret-access-token");
    expect(await examine("--access-token", "access-token")).toMatchObject({ demand: "required", findings: [] });
    expect(Object.fromEntries([...seen].map(([path, tokens]) => [path, [...tokens]]))).toEqual({
      "/mcp": ["Bearer secret-access-token"],
      "/mcp/": ["none"],
      "/MCP": ["none"],
    });
  });

  it("that opens a session is not left with it", async () => {
    const seen: unknown[] = [];
    await listen(
      (request, response, body) => {
        seen.push([request.method, request.headers["mcp-session-id"]]);
        if (request.method === "DELETE") response.end();
        else answer(response, body, initialized, { "mcp-session-id": "s-1" });
      },
      ["POST", "DELETE"],
    );
    await examine();
    expect(seen).toContainEqual(["DELETE", "s-1"]);
  });

  it("whose clock is wrong is told by how much (T19)", async () => {
    await listen((_, response, body) => {
      const date = new Date(Date.now() - 125_000).toUTCString();
      answer(response, body, initialized, { date });
    });
    const begun = performance.now();
    const found = await examine();
    const tookSeconds = (performance.now() - begun) / 1000;
    // `Date` tells whole seconds, and the answer took a while: by so much may it be wrong, and by a tenth for rounding.
    const { seconds, uncertainty } = found.clock;
    expect(Math.abs(seconds + 125)).toBeLessThanOrEqual(uncertainty + 0.1);
    expect(uncertainty).toBeLessThanOrEqual(0.5 + tookSeconds / 2 + 0.1);
    expect(found.next[0]).toMatch(/behind this machine's.*NTP/);
  });

  it("that redirects is not followed with credentials (M10)", async () => {
    const elsewhere: string[] = [];
    await listen((request, response) => {
      if (request.url !== "/mcp") elsewhere.push(request.url ?? "");
      response.writeHead(307, { location: "/elsewhere" }).end();
    });
    write("access-token", "secret-access-token");
    const found = await examine("--access-token", "access-token");
    expect(found).toMatchObject({
      status: 1,
      verdict: "no-server",
      initialize: { status: 307, location: "/elsewhere" },
    });
    expect(found.findings[0].seen).toContain("redirects (307) to /elsewhere");
    expect(JSON.stringify(found)).not.toContain("secret-access-token");
    expect(elsewhere).toEqual([]);
  });

  it.each([
    [401, "--access-token"],
    [404, "/mcp"],
    [405, "POST"],
    [502, "failing"],
    [200, "not JSON-RPC"],
  ])("that answers %i without a message is no server, and the reader is told what to try", async (code, hint) => {
    await listen((_, response) => response.writeHead(code, { "content-type": "text/html" }).end("<html>"));
    const found = await examine();
    expect(found).toMatchObject({ status: 1, verdict: "no-server", demand: "unknown" });
    expect(found.next[0]).toContain(hint);
  });

  it("that sends without end is not read without end", async () => {
    await listen((_, response) => {
      response.writeHead(200, { "content-type": "application/json" });
      const chunk = "x".repeat(65_536);
      const more = () => {
        while (!response.destroyed && response.write(chunk));
        if (!response.destroyed) response.once("drain", more);
      };
      more();
    });
    expect(await examine()).toMatchObject({ status: 1, initialize: { outcome: "failed", code: "TOO_LARGE" } });
  });

  it("that never answers is given up, whether it hangs before the head or within the body", async () => {
    await listen((_, response) => response.writeHead(200, { "content-type": "application/json" }).write("{"));
    const found = await examine("--timeout", "1");
    expect(found).toMatchObject({ status: 1, initialize: { outcome: "failed", code: "TIMEOUT" } });
    expect(found.next[0]).toContain("--timeout");
  });

  it("cannot speak to the terminal", async () => {
    const hostile = "\u001b[2J\u009b31m\u202Eowned";
    const result = {
      protocolVersion: hostile,
      serverInfo: { name: hostile },
      capabilities: {
        experimental: { "security.attestation": { policy: hostile, version: hostile, required_claims: [hostile] } },
      },
    };
    await listen((_, response, body) => answer(response, body, { result }));
    for (const options of [[], ["--json"]]) {
      const { stdout } = await attest(["doctor", url, ...options]);
      expect(stdout).toContain("owned");
      expect(stdout).not.toMatch(/[\p{Cc}\p{Cf}](?<!\n)/u);
    }
  });

  it("that is not there is said not to be", async () => {
    await listen(() => undefined);
    open?.close();
    const found = await examine();
    expect(found).toMatchObject({ status: 1, initialize: { code: "ECONNREFUSED" } });
    expect(found.next[0]).toContain("Nothing listens");
  });
});

it.each([
  ["what is no URL", ["doctor", "bank"]],
  ["another scheme", ["doctor", "file:///etc/passwd"]],
  ["a password in the URL", ["doctor", "https://user:secret@bank.example/mcp"]],
  ["a bound attestation without its key", ["doctor", "https://bank.example/mcp", "--attestation", "token"]],
  ["a key without an attestation", ["doctor", "https://bank.example/mcp", "--audience", AUDIENCE]],
])("takes %s for wrong usage", async (_, args) => {
  write("token", "x.y.z");
  const { status, stderr } = await attest(args);
  expect(status).toBe(2);
  expect(stderr).not.toContain("secret");
});
