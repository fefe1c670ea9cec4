import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { createTestAuthority, type TestAuthority } from "@attest/core/testing";
import { expect, it } from "vitest";
import {
  type AttackReport,
  attacks,
  httpTarget,
  reportHtml,
  reportMarkdown,
  reportRows,
  reportSummary,
  runAttacks,
  verifierTarget,
} from "../src/index.ts";
import { credentialsOf, liveOptions } from "./servers/settings.ts";

const HOSTILE = "<script>alert(1)</script> | **bold** ``` [x](javascript:y) \u001b[31mred \u202e\" onload='z";

/** A server that takes everybody for everybody, and what it was asked. */
async function credulousServer(): Promise<{ server: Server; url: string; asked: string[] }> {
  const asked: string[] = [];
  const server = createServer(async (req, res) => {
    let body = "";
    for await (const chunk of req) body += chunk;
    asked.push(body);
    const id = /"id":(\d+)/.exec(body)?.[1] ?? 1;
    res.writeHead(200, { "Content-Type": "application/json", "Mcp-Session-Id": "a-session" });
    res.end(JSON.stringify({ jsonrpc: "2.0", id: Number(id), result: { note: HOSTILE } }));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return { server, asked, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/mcp` };
}

async function attackCredulous(authority: TestAuthority): Promise<{ report: AttackReport; asked: string[] }> {
  const { server, url, asked } = await credulousServer();
  try {
    const { tool: _, lab: __, ...options } = liveOptions(authority);
    return { asked, report: await runAttacks(httpTarget({ ...options, url, era: "handshake" })) };
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

it("escapes in every report what a hostile server answers", async () => {
  const { report } = await attackCredulous(await createTestAuthority());
  expect(report.blocked).toBe(0);
  expect(report.breached).toBeGreaterThan(10);
  const html = reportHtml(report);
  expect(html).toContain("&lt;script&gt;alert(1)&lt;/script&gt;");
  expect(html).not.toMatch(/<script|<[^>]*\sonload|<(?:link|img|iframe|object)\b|\ssrc=|url\(|@import/i);
  expect(html).toContain("default-src 'none'");
  expect(reportMarkdown(report)).toMatch(/^````+text$/m);
  for (const text of [html, reportMarkdown(report), JSON.stringify(reportRows(report))]) {
    // biome-ignore lint/suspicious/noControlCharactersInRegex: that is what must not be there
    expect(text).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u200b-\u200f\u202a-\u202e]/);
  }
});

it("calls no tool unless it is told which", async () => {
  const { asked } = await attackCredulous(await createTestAuthority());
  expect(asked.length).toBeGreaterThan(100);
  expect(asked.filter((body) => body.includes("tools/call"))).toEqual([]);
});

it("shows no token, proof or key of the run in any report", async () => {
  const authority = await createTestAuthority();
  const { verifier, audience } = authority;
  const seen: unknown[] = [];
  const target = verifierTarget({
    verifier: {
      verify: (token, request) => {
        seen.push(token, request?.proof);
        return verifier.verify(token, request);
      },
    },
    audience,
    credentials: credentialsOf(authority),
  });
  const report = await runAttacks(target);
  const shown = [JSON.stringify(report), reportMarkdown(report), reportHtml(report)].join("\n");
  const parts = seen
    .filter((token): token is string => typeof token === "string")
    .flatMap((token) => token.split(/[^A-Za-z0-9_-]+/).slice(1))
    .filter((part) => part.length >= 24 && !/^A+$/.test(part));
  expect(parts.length).toBeGreaterThan(200);
  expect(parts.filter((part) => shown.includes(part))).toEqual([]);
});

it("puts first what got through, and counts it all in one sentence", async () => {
  const authority = await createTestAuthority();
  const { verifier, audience } = authority;
  const { attestBearer: _, ...credentials } = credentialsOf(authority);
  const lenient = verifierTarget({ verifier, audience, credentials, admit: () => true });
  const report = await runAttacks(lenient);
  const rows = reportRows(report);
  expect(rows.map(({ id }) => id).sort()).toEqual(attacks.map(({ id }) => id).sort());
  expect(rows[0]).toMatchObject({ outcome: "breached", threat: expect.stringMatching(/^[TKRM]\d+$/) });
  expect(rows.at(-1)?.outcome).toBe("not run");
  expect(reportSummary(report)).toBe(
    `${report.blocked} of ${report.results.length} attacks blocked, ${report.breached} breached, 0 inconclusive, ${report.notRun.length} not run`,
  );
});
