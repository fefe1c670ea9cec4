import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { AUDIENCE, attestIn, ISSUER, workFolder } from "./attest.ts";

const folder = workFolder();
const attest = attestIn(folder);
const write = (name: string, text: string) => writeFileSync(join(folder, name), text);
const server = [
  ...["--jwks", "authority-public.json", "--issuer", ISSUER, "--trust-domain", "example.com"],
  ...["--audience", AUDIENCE],
];
const CALL = ["--method", "tools/call", "--params", '{"name":"list"}'];
let token: string;
/** The agent's chain for the worker, and the worker's for the helper. */
let chain: string;

async function run(args: readonly string[], input: string): Promise<string> {
  const { stdout, stderr, status } = await attest(args, input);
  expect(status, stderr).toBe(0);
  return stdout.trim();
}

async function delegate(parent: string, by: string, to: string, ...options: string[]): Promise<string> {
  const keys = ["--key", `${by}.json`, "--holder-key", `${to}-public.json`];
  return run(["delegate", "-", ...keys, "--audience", AUDIENCE, ...options], parent);
}

async function verify(text: string, holder: string, options: readonly string[] = [], message = CALL) {
  const prove = ["prove", "-", "--holder-key", `${holder}.json`, "--audience", AUDIENCE];
  const proof = await run([...prove, ...message], text);
  const args = ["verify", "-", ...server, "--proof", proof, ...message, ...options];
  const [{ stdout: shown }, { stdout, status }] = [await attest(args, text), await attest([...args, "--json"], text)];
  return { shown, status, result: JSON.parse(stdout) };
}

beforeAll(async () => {
  for (const name of ["authority", "agent", "worker", "helper"]) {
    write(`${name}-public.json`, await run(["keygen", "--out", `${name}.json`], ""));
  }
  const make = ["generate", "--issuer", ISSUER, "--key", "authority.json", "--holder-key", "agent-public.json"];
  token = await run(make, "");
  const first = await delegate(token, "agent", "worker", "--name", "worker", "--allow-tool", "list");
  chain = await delegate(first, "worker", "helper", "--name", "helper");
});

describe("attest verify of a chain", () => {
  it("accepts it where links are accepted, and says so of each part (SPEC-21.1)", async () => {
    const { result, shown, status } = await verify(chain, "helper", ["--max-delegation-depth", "2"]);
    expect(status).toBe(0);
    expect(result).toMatchObject({
      outcome: "verified",
      delegation: [{ name: "worker" }, { name: "helper" }],
      chain: [
        { link: 0, outcome: "accepted" },
        { link: 1, outcome: "accepted", name: "worker", allow: { tools: ["list"] } },
        { link: 2, outcome: "accepted", name: "helper" },
      ],
    });
    expect(shown).toMatch(/VERIFIED.*sub-agent's key.*Attestation.*: .*accepted.*Link 2.*: .*accepted/s);
  });

  it("accepts none unless that is asked for, and names the option (SPEC-21.10)", async () => {
    const { result, shown, status } = await verify(chain, "helper");
    expect(status).toBe(1);
    const parts = [{ outcome: "accepted" }, { outcome: "refused" }, { outcome: "not-assessed" }];
    expect(result).toMatchObject({ code: "ERR_DELEGATION_NOT_ALLOWED", chain: parts });
    expect(shown).toContain("--max-delegation-depth");
    const { result: one } = await verify(chain, "helper", ["--max-delegation-depth", "1"]);
    expect(one.chain.map(({ outcome }: { outcome: string }) => outcome)).toEqual(["accepted", "accepted", "refused"]);
  });

  const spoilt = (text: string, at: number) => {
    const parts = text.split("~");
    const [head, payload, signature = ""] = (parts[at] ?? "").split(".");
    parts[at] = `${head}.${payload}.${signature[0] === "A" ? "B" : "A"}${signature.slice(1)}`;
    return parts.join("~");
  };

  it.each<[string, (text: string) => string, number, string, string]>([
    ["the attestation's signature", (text) => spoilt(text, 0), 0, "ERR_ATTESTATION_SIGNATURE", "Do not trust"],
    ["the first link's signature", (text) => spoilt(text, 1), 1, "ERR_DELEGATION_SIGNATURE", "key"],
    ["the last link's signature", (text) => spoilt(text, 2), 2, "ERR_DELEGATION_SIGNATURE", "key"],
    ["the first link left out", (text) => text.replace(/~[^~]+/, ""), 1, "ERR_DELEGATION_PARENT", "Delegate again"],
    ["garbage in a link's place", (text) => text.replace(/~[^~]+/, "~garbage"), 1, "ERR_DELEGATION_FORMAT", "link"],
  ])("says which part is refused, and what to do: %s", async (_, spoil, at, code, advice) => {
    const { result, shown, status } = await verify(spoil(chain), "helper", ["--max-delegation-depth", "4"]);
    expect(status).toBe(1);
    for (const { link, outcome } of result.chain) {
      expect(outcome).toBe(link < at ? "accepted" : link === at ? "refused" : "not-assessed");
    }
    expect(result.chain[at]).toMatchObject({ code, advice: expect.stringContaining(advice) });
    expect(shown).toContain(code);
  });

  it("judges what it allows by the message, in a body too (SPEC-21.7)", async () => {
    const accept = ["--max-delegation-depth", "2"];
    const other = await verify(chain, "helper", accept, ["--method", "tools/call", "--params", '{"name":"transfer"}']);
    expect(other).toMatchObject({ status: 1, result: { code: "ERR_DELEGATION_SCOPE" } });
    expect(other.shown).toMatch(/REFUSED.*Link 1.*may +\{"tools":\["list"\]\}/s);
    for (const [name, status] of [
      ["list", 0],
      ["transfer", 1],
    ] as const) {
      write("body.json", JSON.stringify({ jsonrpc: "2.0", id: 1, method: "tools/call", params: { name } }));
      expect(await verify(chain, "helper", accept, ["--http", "POST", "--body", "body.json"])).toMatchObject({
        status,
      });
    }
    write("body.json", JSON.stringify({ jsonrpc: "2.0", id: 1, result: {} }));
    expect(await verify(chain, "helper", accept, ["--http", "POST", "--body", "body.json"])).toMatchObject({
      status: 0,
    });
  });

  it("tells of each part without a proof too", async () => {
    const { stdout, status } = await attest(["verify", "-", ...server, "--max-delegation-depth", "2", "--json"], chain);
    expect(status).toBe(1);
    const result = JSON.parse(stdout);
    expect(result.code).toBe("ERR_PROOF_REQUIRED");
    expect(result.chain).toMatchObject([{ outcome: "accepted" }, { outcome: "accepted" }, { outcome: "accepted" }]);
  });
});
