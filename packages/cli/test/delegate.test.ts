import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { AUDIENCE, attestIn, ISSUER, workFolder } from "./attest.ts";

const folder = workFolder();
const attest = attestIn(folder);
const delegate = ["delegate", "-", "--key", "agent.json", "--holder-key", "worker.json", "--audience", AUDIENCE];
let token: string;

beforeAll(async () => {
  for (const name of ["authority", "agent", "worker"]) {
    const { stdout } = await attest(["keygen", "--out", `${name}.json`]);
    writeFileSync(join(folder, `${name}-public.json`), stdout);
  }
  const make = ["generate", "--issuer", ISSUER, "--key", "authority.json", "--holder-key", "agent-public.json"];
  token = (await attest(make)).stdout;
});

describe("attest delegate", () => {
  it("prints a chain that says who may do what, and inspect shows it", async () => {
    const args = ["--allow-tool", "list", "read_*", "--allow-resource", "bank:*", "--name", "reader", "--depth", "1"];
    const { stdout: chain, status } = await attest([...delegate, ...args], token);
    expect(status).toBe(0);
    expect(chain.trim().split("~")[0]).toBe(token.trim());
    const { stdout: shown } = await attest(["inspect", "-"], chain);
    expect(shown).toContain("NOT VERIFIED");
    expect(shown).toMatch(/called +reader/);
    expect(shown).toContain('{"tools":["list","read_*"],"resources":["bank:*"]}');
    const { stdout: json } = await attest(["inspect", "-", "--json"], chain);
    expect(JSON.parse(json)).toMatchObject({ kind: "chain", links: [{ payload: { name: "reader", depth: 1 } }] });
  });

  it("delegates everything, or nothing that is named, only if asked so", async () => {
    const payloadOf = async (...args: string[]) => {
      const { stdout } = await attest([...delegate, ...args, "--json"], token);
      const link = (JSON.parse(stdout) as { chain: string }).chain.split("~")[1] ?? "";
      return JSON.parse(Buffer.from(link.split(".")[1] ?? "", "base64url").toString());
    };
    expect(await payloadOf()).not.toHaveProperty("allow");
    expect((await payloadOf("--allow-nothing")).allow).toEqual({});
    expect(await attest([...delegate, "--allow-nothing", "--allow-tool", "x"], token)).toMatchObject({ status: 2 });
  });

  it("refuses what a server would, by its option", async () => {
    expect((await attest([...delegate, "--lifetime", "x"], token)).stderr).toContain("--lifetime");
    expect((await attest([...delegate, "--allow-resource", "https://a*"], token)).stderr).toContain("allow.resources");
    const other = delegate.map((arg) => (arg === "agent.json" ? "authority.json" : arg));
    expect((await attest(other, token)).stderr).toContain("signer must be the last key");
  });
});

it("attest inspect names what is malformed in a chain", async () => {
  const { stdout, status } = await attest(["inspect", "-"], `${token.trim()}~x`);
  expect(status).toBe(1);
  expect(stdout).toContain("[link]");
});
