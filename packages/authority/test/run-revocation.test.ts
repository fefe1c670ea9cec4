import { readFile, rm } from "node:fs/promises";
import { decodeAttestation } from "@attest/core";
import { AttestingAgent, httpSource } from "@attest/mcp-client";
import { StatusList } from "@attest/status-list";
import { PostgresServer, requirePostgres } from "postgres-harness";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openRevocations } from "../src/node.ts";
import { GOOD, SECRET, Written } from "./written.ts";

const LIST = "https://models.example/status/1";
const STORED = `${GOOD}storage: { directory: ./state }\nstatusList: { uri: ${LIST}, ttl: 5 }\n`;
const WITH_ADMIN = `${STORED}admin: { listen: "127.0.0.1:0", token: ./admin-token }\n`;

/** Asks for an attestation with a key of its own. @returns Its index. */
const attested = async (url: URL): Promise<number> => {
  const source = httpSource(new URL("attestations", url), { credential: () => SECRET });
  const request = { kind: "message", method: "ping" } as const;
  const { attestation } = await new AttestingAgent({ source }).credentialsFor("https://bank.example/mcp", request);
  return decodeAttestation(attestation ?? "").claims?.status?.statusList.idx ?? Number.NaN;
};

/** What the list says of an index. */
const statusAt = async (url: URL, idx: number): Promise<number | undefined> => {
  const token = await (await fetch(new URL("status/1", url))).text();
  const { status_list } = JSON.parse(Buffer.from(token.split(".")[1] ?? "", "base64url").toString());
  return (await StatusList.decode(status_list)).get(idx);
};

/** Until every process publishes it. */
const published = () => new Promise((resolve) => setTimeout(resolve, 1000));

describe("an authority that runs with a status list", () => {
  it("still knows after a restart what was revoked, and publishes it", async () => {
    const written = await Written.of(`${STORED}keys: { directory: ./keys }\n`);
    const first = await written.run();
    const idx = await attested(first.url);
    expect(await statusAt(first.url, idx)).toBe(0);
    expect(await first.revocations?.revoke({ workload: "desk/workload" })).toEqual([idx]);
    expect(first.revocations?.within).toBe(6);
    await first.close();
    const second = await written.run();
    expect(await statusAt(second.url, idx)).toBe(1);
    await expect(attested(second.url)).rejects.toThrow("revoked");
  });

  it("revokes for whoever has its token, at its admin address alone, and writes down what", async () => {
    const written = await Written.of(`${WITH_ADMIN}audit: { file: ./issued.jsonl }\n`);
    await written.writeSecret("admin-token");
    const token = (await readFile(written.path("admin-token"), "utf8")).trim();
    const { url, adminUrl } = await written.run();
    const idx = await attested(url);
    const post = async (path: string, body: unknown, bearer?: string, base = adminUrl) => {
      const headers = bearer === undefined ? {} : { Authorization: `Bearer ${bearer}` };
      const text = typeof body === "string" ? body : JSON.stringify(body);
      const response = await fetch(new URL(path, base), { method: "POST", headers, body: text });
      // biome-ignore lint/suspicious/noExplicitAny: JSON of a test
      return { status: response.status, body: (await response.json()) as any };
    };
    const workload = { workload: "desk/workload" };
    expect((await post("revocations", workload)).status).toBe(401);
    expect((await post("revocations", workload, `${token}x`)).status).toBe(401);
    expect((await post("revocations", workload, token, url)).status).toBe(404);
    expect((await fetch(new URL("revocations", adminUrl))).status).toBe(405);
    expect((await post("revocations", "{", token)).status).toBe(400);
    expect((await post("revocations", { everything: true }, token)).status).toBe(400);
    expect((await post("revocations", "x".repeat(20_000), token)).status).toBe(413);
    await attested(url);
    const answer = await post("revocations", workload, token);
    expect(answer).toMatchObject({ status: 200, body: { within: 6 } });
    expect(answer.body.revoked).toContain(idx);
    await expect(attested(url)).rejects.toThrow("revoked");
    expect((await post("reinstatements", { idx: 1 }, token)).status).toBe(400);
    expect((await post("reinstatements", workload, token)).status).toBe(200);
    await attested(url);
    const lines = (await readFile(written.path("issued.jsonl"), "utf8")).trim().split("\n");
    expect(lines.map((line) => JSON.parse(line))).toMatchObject([
      { outcome: "issued", workload: "desk/workload", statusIndex: idx },
      { outcome: "issued" },
      { outcome: "revoked", endpoint: "revocations", ...workload, statusIndex: answer.body.revoked },
      { outcome: "refused", problem: "revoked" },
      { outcome: "reinstated", endpoint: "revocations", ...workload },
      { outcome: "issued" },
    ]);
    expect(lines.join()).not.toContain(token);
  });

  it("offers no revocation at an admin address without a token", async () => {
    const { adminUrl } = await (await Written.of(`${STORED}admin: { listen: "127.0.0.1:0" }\n`)).run();
    const response = await fetch(new URL("revocations", adminUrl), { method: "POST", body: "{}" });
    expect(response.status).toBe(404);
  });

  it("publishes what another process revoked in its storage, by the same configuration", async () => {
    const written = await Written.of(`${STORED}audit: { file: ./issued.jsonl }\n`);
    const { url } = await written.run();
    const idx = await attested(url);
    const operator = await openRevocations(written.path());
    expect(await operator.revoke({ workload: "desk/workload" })).toEqual([idx]);
    expect(operator.within).toBe(6);
    await operator.close();
    await published();
    expect(await statusAt(url, idx)).toBe(1);
    await expect(attested(url)).rejects.toThrow("revoked");
    expect(await readFile(written.path("issued.jsonl"), "utf8")).toMatch(/"outcome":"revoked"/);
  });

  it("confirms a revocation that its audit log cannot take, and reports that", async () => {
    const written = await Written.of(`${STORED}audit: { file: ./issued.jsonl }\n`);
    const reported: unknown[] = [];
    const operator = await openRevocations(written.path(), { report: (problem) => reported.push(problem) });
    await operator.close();
    // The file is closed; the directory is not.
    expect(await operator.revoke({ workload: "desk/workload" })).toEqual([]);
    expect(reported).toHaveLength(1);
  });

  it("says that a list in memory forgets", async () => {
    const reported: Error[] = [];
    const written = await Written.of(`${GOOD}statusList: { uri: ${LIST} }\n`);
    await written.run({ report: (problem) => reported.push(problem as Error) });
    expect(reported.map(({ message }) => message)).toContainEqual(
      expect.stringContaining("valid again after a restart"),
    );
    await expect(openRevocations(written.path())).rejects.toThrow("storage: is needed to revoke");
    await expect(openRevocations((await Written.of(GOOD)).path())).rejects.toThrow("statusList: is needed to revoke");
  });

  it.each<[string, string, RegExp]>([
    [
      "a storage for nothing",
      `${GOOD}storage: { directory: ./state }\n`,
      /:11: storage: does nothing without statusList/,
    ],
    [
      "a token for nothing",
      `${GOOD}admin: { listen: "127.0.0.1:0", token: ./token }\n`,
      /:11: admin\.token: does nothing without statusList/,
    ],
    ["a list at an endpoint", STORED.replace("status/1", "token"), /statusList must have a URI with a path of its own/],
    ["a storage that is not there", STORED.replace("./state", "/dev/null/state"), /status directory/],
  ])("does not start with %s", async (_, text, problem) => {
    await expect((await Written.of(text)).run()).rejects.toThrow(problem);
  });

  it("does not lose its state when the directory goes away: it attests nothing", async () => {
    const written = await Written.of(STORED);
    const { url } = await written.run();
    await attested(url);
    await rm(written.path("state"), { recursive: true });
    await expect(attested(url)).rejects.toThrow(/unavailable/);
  });
});

describe.runIf(requirePostgres("the tests of an authority on PostgreSQL"))("replicas on PostgreSQL", () => {
  let server: PostgresServer;
  beforeAll(async () => {
    server = await PostgresServer.start();
  });
  afterAll(() => server.stop());

  it("give no index twice, and publish each other's revocations (SPEC-18.2, SPEC-18.3)", async () => {
    const database = `postgres://attest@127.0.0.1:${server.port}/postgres`;
    const text = STORED.replace("directory: ./state", `postgres: "${database}"`);
    const written = await Written.of(`${text}keys: { directory: ./keys }\n`);
    const [one, two] = [await written.run(), await written.run()];
    const indexes = await Promise.all(Array.from({ length: 20 }, (_, i) => attested(i % 2 ? one.url : two.url)));
    expect(new Set(indexes).size).toBe(20);
    expect([...((await one.revocations?.revoke({ workload: "desk/workload" })) ?? [])].sort()).toEqual(indexes.sort());
    await published();
    expect(await statusAt(two.url, indexes[0] as number)).toBe(1);
    await expect(attested(two.url)).rejects.toThrow("revoked");
  });

  it("share sealed keys in the database too, and rotate them together", async () => {
    const database = `postgres://attest@127.0.0.1:${server.port}/postgres`;
    const keys = `keys: { postgres: "${database}", sealedWith: ./seal }\n`;
    const written = await Written.of(GOOD.replace("models.example", "keys.example") + keys);
    await written.writeSecret("seal");
    const [one, two] = [await written.run(), await written.run()];
    const published = async (url: URL) => (await fetch(new URL(".well-known/jwks.json", url))).text();
    expect(await published(one.url)).toBe(await published(two.url));
    await one.rotate();
    await expect.poll(() => published(two.url), { timeout: 10_000 }).toBe(await published(one.url));
    await written.writeSecret("seal");
    await expect(written.run()).rejects.toThrow("not sealed with this secret");
  });

  it("do not start, and tell no password, where the database refuses", async () => {
    const database = `postgres://nobody:a-password@127.0.0.1:${server.port}/none`;
    const text = STORED.replace("directory: ./state", `postgres: "${database}"`);
    const failure = await (await Written.of(text)).run().catch((error: Error) => error);
    expect(failure).toBeInstanceOf(Error);
    expect(String((failure as Error).message)).not.toContain("a-password");
  });
});
