import type { RequestListener } from "node:http";
import { HTTP_FIELDS } from "@attest/core";
import { createTestAuthority, type TestAuthority } from "@attest/core/testing";
import { attestHandler, attestNodeHandler, keepRawBody } from "@attest/mcp-server";
import { createMcpExpressApp } from "@modelcontextprotocol/sdk/server/express.js";
import express, { type Express, type RequestHandler } from "express";
import { beforeAll, describe, expect, it, vi } from "vitest";
import type { ClientCredentials } from "../src/doctor/credentials.ts";
import { diagnose } from "../src/doctor/diagnose.ts";
import { examine } from "../src/doctor/examine.ts";
import { showDiagnosis } from "../src/doctor/show-diagnosis.ts";
import { attestIn, workFolder } from "./attest.ts";
import { createParts, listening, onNode, type Parts } from "./misconfigured.ts";

const attest = attestIn(workFolder());
let authority: TestAuthority;
let credentials: ClientCredentials;

beforeAll(async () => {
  // The warnings of the guarded server, which says the same to its own operator.
  vi.spyOn(process, "emitWarning").mockImplementation(() => {});
  authority = await createTestAuthority();
  const { agentKey: signer, audience } = authority;
  credentials = { profile: "bound", attestation: await authority.attest(), signer, audience };
});

type Build = (parts: Parts) => RequestListener;

const app = (build: (app: Express) => void, base = express()): RequestListener => {
  build(base);
  return base;
};
const gateOf = ({ handle, guard }: Parts) => attestNodeHandler(handle, guard);
/** CORS fields by hand, as servers without the middleware set them. */
const cors =
  (fields: { allow?: string; expose?: string }): RequestHandler =>
  (req, res, next) => {
    res.setHeader("Access-Control-Allow-Origin", "*");
    if (fields.allow !== undefined) res.setHeader("Access-Control-Allow-Headers", fields.allow);
    if (fields.expose !== undefined) res.setHeader("Access-Control-Expose-Headers", fields.expose);
    if (req.method === "OPTIONS") res.sendStatus(204);
    else next();
  };
const { attestation, proof, error, time, status, ticket } = HTTP_FIELDS;
const ALLOW = `Content-Type, Mcp-Session-Id, MCP-Protocol-Version, ${attestation}, ${proof}`;
const EXPOSE = `Mcp-Session-Id, ${error}, ${time}, ${status}, ${ticket}`;

/** What the command finds out, in this process: starting it for each of these servers would take most of the time. */
async function doctor(url: string, options: { credentials?: ClientCredentials; origin?: string } = {}) {
  const diagnosis = diagnose(await examine(new URL(url), { timeoutMs: 10_000, ...options }));
  return { ...diagnosis, names: diagnosis.findings.map(({ name }) => name) };
}

describe("a server that is set up rightly has no finding", () => {
  it.each<[string, Build]>([
    ["v1, app.use before a parser", (parts) => app((it) => it.use("/mcp", gateOf(parts)).use(express.json()))],
    [
      "v1, behind a parser that keeps the bytes",
      (parts) => app((it) => it.use(express.json({ verify: keepRawBody })).use("/mcp", gateOf(parts))),
    ],
    ["v1, with the second lock", ({ handleGuarded, guard }) => attestNodeHandler(handleGuarded, guard)],
    ["v2", ({ web, guard }) => onNode(attestHandler(web, guard))],
    [
      "v1, whose GET and DELETE are answered with 405 beside the gate",
      (parts) =>
        app((it) => {
          it.post("/mcp", gateOf(parts));
          it.all("/mcp", (_req, res) => res.sendStatus(405));
        }),
    ],
    [
      "v1, for browsers too",
      (parts) => app((it) => it.use(cors({ allow: ALLOW, expose: EXPOSE })).use("/mcp", gateOf(parts))),
    ],
  ])("%s", async (_, build) => {
    const url = await listening(build(createParts(authority)));
    expect(await doctor(url)).toMatchObject({ names: [], verdict: "ready", demand: "required" });
    expect(await doctor(url, { credentials })).toMatchObject({ names: [], verdict: "ready", next: [] });
  });
});

describe("a server that is set up wrongly is told which line to change", () => {
  const onlyPost = (parts: Parts) =>
    app((it) => it.post("/mcp", gateOf(parts)).get("/mcp", parts.raw).delete("/mcp", parts.raw));

  it.each<[string, Build, string[], RegExp]>([
    [
      "a body parser before the gate",
      (parts) => app((it) => it.use(express.json()).use("/mcp", gateOf(parts))),
      ["body-parser"],
      /express\.json\(\{ verify: keepRawBody \}\)/,
    ],
    [
      "createMcpExpressApp, which parses bodies",
      (parts) => app((it) => it.all("/mcp", gateOf(parts)), createMcpExpressApp() as Express),
      ["body-parser"],
      /prependListener\("request", keepRawBody\)/,
    ],
    ["a gate for POST alone", onlyPost, ["get-outside-gate", "delete-outside-gate"], /app\.all\("\/mcp", gate\)/],
    [
      "no gate, v1",
      ({ handleGuarded }) =>
        (req, res) =>
          void handleGuarded(req, res, undefined, () => undefined),
      ["no-gate"],
      /attestNodeHandler/,
    ],
    ["no gate, v2", ({ webGuarded }) => onNode(webGuarded), ["no-gate"], /attestHandler/],
    [
      "a gate for one protocol era only",
      ({ web, guard }) => {
        const guarded = attestHandler(web, guard);
        return onNode({ fetch: (request) => (request.headers.has("mcp-method") ? web : guarded).fetch(request) });
      },
      ["fails-open"],
      /attestServer\(server, guard\)/,
    ],
    [
      "a gate for initialize only",
      ({ web, guard }) => {
        const guarded = attestHandler(web, guard);
        return onNode({
          async fetch(request) {
            const text = await request.clone().text();
            return (text.includes('"initialize"') ? guarded : web).fetch(request);
          },
        });
      },
      ["fails-open"],
      /every protocol era/,
    ],
    [
      "a gate for one spelling of the address",
      (parts) => {
        const gate = gateOf(parts);
        return (req, res) => (req.url === "/mcp" ? void gate(req, res) : parts.raw(req, res));
      },
      ["endpoint-around-gate"],
      /app\.use\("\/mcp", gate\)/,
    ],
  ])("%s", async (_, build, names, change) => {
    const url = await listening(build(createParts(authority)));
    const found = await doctor(url);
    expect(found).toMatchObject({ names, verdict: "misconfigured" });
    expect(found.findings[0]?.change).toMatch(change);
    expect(showDiagnosis(found)).toMatch(new RegExp(`^MISCONFIGURED [^]*Found\n  ${names[0]}: .*\n    Change: `));
  });

  it("a GET and a DELETE for everybody, which show only in a session of one's own", async () => {
    const url = await listening(onlyPost(createParts(authority, {}, 404)));
    expect(await doctor(url)).toMatchObject({ names: [] });
    const found = await doctor(url, { credentials });
    expect(found).toMatchObject({ names: ["get-outside-gate", "delete-outside-gate"], verdict: "misconfigured" });
    expect(found.findings[0]?.seen).toContain("belongs to an agent is answered with 200");
  });

  it.each<[string, { allow?: string; expose?: string }, string, string]>([
    ["may not send credentials", { allow: "Content-Type", expose: EXPOSE }, "cors-allow", proof],
    ["may not send a chain", { allow: `Content-Type, ${proof}`, expose: EXPOSE }, "cors-allow", attestation],
    ["may not read the guard's fields", { allow: ALLOW, expose: "Mcp-Session-Id" }, "cors-expose", status],
    ["may not read tickets", { allow: ALLOW, expose: EXPOSE.replace(`, ${ticket}`, "") }, "cors-expose", ticket],
  ])("web pages that %s", async (_, fields, name, missing) => {
    const url = await listening(app((it) => it.use(cors(fields)).use("/mcp", gateOf(createParts(authority)))));
    const found = await doctor(url);
    expect(found).toMatchObject({ names: [name], verdict: "ready" });
    expect(found.findings[0]?.change).toContain(missing);
  });

  it("web pages that cannot read refusals, since CORS stands behind the gate", async () => {
    const parts = createParts(authority);
    const behind = attestNodeHandler((req, res, body, next) => {
      cors({ allow: ALLOW, expose: EXPOSE })(req as never, res as never, () => parts.handle(req, res, body, next));
    }, parts.guard);
    const url = await listening(app((it) => it.use("/mcp", behind)));
    expect(await doctor(url)).toMatchObject({ names: ["cors-refusals"], verdict: "ready" });
  });

  it("web pages of an origin that is not let in, where it is asked for by name", async () => {
    const url = await listening(gateOf(createParts(authority)) as RequestListener);
    expect(await doctor(url)).toMatchObject({ names: [] });
    expect(await doctor(url, { origin: "https://app.example" })).toMatchObject({ names: ["cors-origin"] });
  });

  it("an address that redirects, and one where another spelling answers", async () => {
    const parts = createParts(authority);
    const build = app((it) => {
      it.enable("strict routing").enable("case sensitive routing");
      it.all("/mcp", (_req, res) => res.redirect(308, "/mcp/"));
      it.use("/mcp/", gateOf(parts));
    });
    const url = await listening(build);
    expect(await doctor(url)).toMatchObject({ names: ["endpoint-redirects"], verdict: "no-server" });
    const upper = await doctor(url.replace("/mcp", "/MCP/"));
    expect(upper).toMatchObject({ names: ["endpoint-spelling"], verdict: "no-server" });
    expect(upper.findings[0]?.seen).toContain(`answers at ${url}/`);
  });
});

describe("a guard that only reports is said to", () => {
  it.each<[string, Build]>([
    ["v1", (parts) => gateOf(parts) as RequestListener],
    ["v2", ({ web, guard }) => onNode(attestHandler(web, guard))],
  ])("%s (SPEC-4.30)", async (_, build) => {
    const url = await listening(build(createParts(authority, { enforce: false })));
    const found = await doctor(url);
    expect(found).toMatchObject({ names: ["report-only"], verdict: "ready", demand: "required" });
    expect(found.findings[0]?.change).toContain("enforce: false");
    expect(showDiagnosis(found)).toContain("only reported: every client is let in");
  });
});

it("advises nothing about keys or a replay cache where a body parser is why nobody can be verified", async () => {
  const url = await listening(app((it) => it.use(express.json()).use("/mcp", gateOf(createParts(authority)))));
  const found = await doctor(url, { credentials });
  expect(found.names).toEqual(["body-parser"]);
  expect(found.next).toEqual([]);
});

it("ends with status 1 for a fault and 0 for a notice, and prints what to change", async () => {
  const faulty = await listening(app((it) => it.use(express.json()).use("/mcp", gateOf(createParts(authority)))));
  const run = await attest(["doctor", faulty, "--json"]);
  expect([run.status, JSON.parse(run.stdout).findings[0].name]).toEqual([1, "body-parser"]);
  const reporting = await listening(gateOf(createParts(authority, { enforce: false })) as RequestListener);
  const { status, stdout } = await attest(["doctor", reporting]);
  expect([status, stdout]).toEqual([0, expect.stringContaining("report-only: ")]);
});

it("takes what is no origin for wrong usage", async () => {
  const { status, stderr } = await attest(["doctor", "http://127.0.0.1:9/mcp", "--origin", "https://app.example/"]);
  expect([status, stderr]).toEqual([2, expect.stringContaining("--origin")]);
});
