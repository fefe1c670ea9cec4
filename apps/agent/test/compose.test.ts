import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { runAuthority } from "@attest/authority/node";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parse } from "yaml";
import { inheritedEnvironment } from "../src/authority.ts";
import { startHttpServer } from "../src/http-server.ts";

const run = promisify(execFile);
const root = fileURLToPath(new URL("../../..", import.meta.url));

interface Service {
  readonly image?: string;
  readonly build?: { readonly context: string; readonly dockerfile: string };
  readonly command?: string;
  readonly environment?: Record<string, string>;
  readonly volumes?: readonly string[];
  readonly ports?: readonly string[];
  readonly secrets?: readonly string[];
  readonly depends_on?: Record<string, { condition: string }>;
  readonly healthcheck?: { readonly test: readonly string[] };
}
let compose: {
  services: Record<string, Service>;
  secrets: Record<string, { file: string }>;
  volumes: Record<string, null>;
};
let local: string;

beforeAll(async () => {
  compose = parse(await readFile(join(root, "docker-compose.yml"), "utf8"), { merge: true });
  local = await mkdtemp(join(tmpdir(), "attest-compose-"));
  await run(process.execPath, [join(root, "deploy/prepare.mjs"), local]);
});
afterAll(() => rm(local, { recursive: true }));

const services = () => Object.entries(compose.services);

/** A file of the repository, or one that `prepare.mjs` makes. */
function exists(path: string): boolean {
  const made = /^\.\/deploy\/local\/(.+)$/.exec(path)?.[1];
  return existsSync(made === undefined ? join(root, path) : join(local, made));
}

describe("docker-compose.yml", () => {
  it("builds from a Dockerfile that is there, and runs programs that are built", () => {
    for (const [name, { image, build, command = "" }] of services()) {
      expect((image === undefined) !== (build === undefined), name).toBe(true);
      if (build) expect(exists(join(build.context, build.dockerfile)), name).toBe(true);
      const program = /^node (\S+)/.exec(command)?.[1];
      if (program !== undefined) expect(exists(program), program).toBe(true);
    }
  });

  it("mounts files that are there or are made by the script, and volumes that it declares", () => {
    for (const [name, { volumes = [], secrets = [] }] of services()) {
      for (const volume of volumes) {
        const [source = ""] = volume.split(":");
        expect(source.startsWith("./") ? exists(source) : source in compose.volumes, `${name}: ${volume}`).toBe(true);
      }
      for (const secret of secrets) expect(exists(compose.secrets[secret]?.file ?? ""), secret).toBe(true);
    }
  });

  it("waits for services that are there and say how they are", () => {
    for (const [name, { depends_on: needed = {}, healthcheck }] of services()) {
      for (const [other, { condition }] of Object.entries(needed)) {
        expect(compose.services[other]?.healthcheck, `${name} needs ${other}`).toBeDefined();
        expect(condition).toBe("service_healthy");
      }
      const script = healthcheck?.test.find((part) => part.endsWith(".mjs"));
      if (script !== undefined) expect(exists(script), script).toBe(true);
    }
  });

  it("publishes ports on this machine only, and lets Redis forget nothing", () => {
    for (const [, { ports = [] }] of services()) {
      for (const port of ports) expect(port).toMatch(/^127\.0\.0\.1:\d+:\d+$/);
    }
    expect(compose.services["redis"]?.ports).toBeUndefined();
    expect(compose.services["redis"]?.command).toContain("--maxmemory-policy noeviction");
    expect(compose.services["redis"]?.command).toContain("--appendfsync always");
  });

  it("names addresses of services and ports that they listen on", async () => {
    const bank = JSON.parse(await readFile(join(root, "deploy/bank.json"), "utf8"));
    const authority = JSON.parse(await readFile(join(local, "authority.json"), "utf8"));
    const listening: Record<string, number> = {
      redis: 6379,
      bank: bank.port,
      authority: Number(authority.listen.split(":")[1]),
    };
    const urls = services().flatMap(([, { environment = {} }]) => Object.values(environment));
    for (const text of [...urls, bank.issuers[0].jwksUri]) {
      if (!/^(?:http|redis):\/\//.test(text)) continue;
      const { hostname, port } = new URL(text);
      expect(listening[hostname], text).toBe(Number(port));
    }
    const asked = compose.services["agent"]?.environment?.["AGENT_AUTHORITY"];
    expect(`${authority.publicUrl}/attestations`).toBe(asked);
    expect(authority.issuer).toBe(bank.issuers[0].issuer);
    expect(authority.rules[0].attest.audiences).toContain(compose.services["agent"]?.environment?.["AGENT_AUDIENCE"]);
    expect(bank.audience).toBe(compose.services["agent"]?.environment?.["AGENT_AUDIENCE"]);
  });

  it("makes another credential each time, which its settings do not hold (O1)", async () => {
    const secret = await readFile(join(local, "workload-secret"), "utf8");
    expect(await readFile(join(local, "authority.json"), "utf8")).not.toContain(secret);
    await run(process.execPath, [join(root, "deploy/prepare.mjs"), local]);
    expect(await readFile(join(local, "workload-secret"), "utf8")).not.toBe(secret);
    expect((await readdir(local)).sort()).toEqual(["authority.json", "workload-secret"]);
  });
});

it("what the composition runs works together, without the containers", async () => {
  const { keys, publicUrl, ...configuration } = JSON.parse(await readFile(join(local, "authority.json"), "utf8"));
  const own = { ...configuration, listen: "127.0.0.1:0" };
  expect({ keys, publicUrl }).toEqual({ keys: { directory: "/keys/current" }, publicUrl: "http://authority:8470" });
  await writeFile(join(local, "own.json"), JSON.stringify(own));
  const authority = await runAuthority(join(local, "own.json"));
  const bank = JSON.parse(await readFile(join(root, "deploy/bank.json"), "utf8"));
  const jwksUri = new URL(".well-known/jwks.json", authority.url).href;
  const issuers = bank.issuers.map((issuer: object) => ({ ...issuer, jwksUri }));
  const env = {
    ...inheritedEnvironment(),
    ATTEST_SERVER: JSON.stringify({ ...bank, issuers, replicas: 1, port: 0 }),
  };
  const server = await startHttpServer(join(root, "apps/mcp-server/dist/main.js"), env);
  try {
    const agent = {
      ...process.env,
      ...compose.services["agent"]?.environment,
      AGENT_AUTHORITY: new URL("attestations", authority.url).href,
      AGENT_SECRET_FILE: join(local, "workload-secret"),
      AGENT_SERVER: server.url.href,
    };
    const { stdout } = await run(process.execPath, [join(root, "apps/agent/dist/visit.js")], { env: agent });
    expect(stdout).toBe(
      "verified, trust provider\n" +
        "list_accounts → savings, checking (for spiffe://example.com/model/aurora-2)\n" +
        "transfer → 25 to savings, by order of aurora-2 (provider)\n",
    );
  } finally {
    await Promise.all([server.stop(), authority.close()]);
  }
});
