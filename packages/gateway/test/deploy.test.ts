import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { KeyPair } from "@attest/core";
import { runGateway } from "@attest/gateway/node";
import { AttestingAgent, attestFetch, localSource } from "@attest/mcp-client";
import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StreamableHTTPClientTransport } from "@modelcontextprotocol/sdk/client/streamableHttp.js";
import { Deployment, type IDeployment } from "kubernetes-models/apps/v1";
import { type INetworkPolicy, NetworkPolicy } from "kubernetes-models/networking.k8s.io/v1";
import { type IService, Service } from "kubernetes-models/v1";
import { describe, expect, it, onTestFinished } from "vitest";
import { parse, parseAllDocuments } from "yaml";
import { readGateway } from "../src/configuration/open-parts.ts";
import { createScene, reasonOf, request, strange } from "./scene.ts";

const FOLDER = fileURLToPath(new URL("../../../deploy/gateway", import.meta.url));
const at = (name: string) => join(FOLDER, name);
const text = (name: string) => readFileSync(at(name), "utf8");
const PYTHON = "/usr/bin/python3";
/** What the README has the reader make. */
const MADE = ["authority-keys.json", "assertion-key.json", "gateway-keys.json"];
const { configuration } = await readGateway(at("gateway.yaml"));
const portOf = (address = "") => Number(address.slice(address.lastIndexOf(":") + 1));
const upstream = new URL((configuration.upstream as { url: string }).url);
const ready = `http://${configuration.admin?.listen}/ready`;
const health = `http://${configuration.admin?.listen}/health`;

function isThere(path: string): boolean {
  const made = /^(?:\.\/)?local\/(.+)$/.exec(path)?.[1];
  return made === undefined ? existsSync(at(path)) : MADE.includes(made);
}

describe("gateway.yaml", () => {
  it("has the gateway reach its server on loopback, and operators reach it there (G1)", () => {
    expect(upstream.hostname).toBe("127.0.0.1");
    expect(configuration.admin?.listen).toMatch(/^127\.0\.0\.1:/);
    expect(configuration.policy ?? "required").toBe("required");
    expect(configuration).not.toHaveProperty("enforce");
  });

  it("reads the files that each way to run it puts next to it", () => {
    expect([configuration.trustedIssuers[0]?.jwks, configuration.assertion?.key]).toEqual([
      "./authority-keys.json",
      "./assertion-key.json",
    ]);
  });
});

it("the server's reader is that of the guide (SPEC-22.8)", () => {
  const guide = readFileSync(resolve(FOLDER, "../../docs/behind-a-gateway.md"), "utf8");
  const [checks, , alone] = [...guide.matchAll(/^```python\n(.*?)^```/gms)].map(([, code]) => code);
  const [, ...code] = text("verified.py").split("\n");
  expect(code.join("\n")).toBe(`${checks}\n\n${alone}`);
});

describe("compose.yaml", () => {
  interface Container {
    readonly ports?: readonly string[];
    readonly networks?: unknown;
    readonly command: string;
    readonly volumes: readonly string[];
    readonly build?: { readonly context: string; readonly dockerfile: string };
    readonly [more: string]: unknown;
  }
  const composition: { services: Record<string, Container>; secrets: Record<string, { file: string }> } = parse(
    text("compose.yaml"),
  );
  const { gateway, server } = composition.services as { gateway: Container; server: Container };

  it("publishes the gateway alone, on this machine, and keeps the server on the gateway's loopback (G1)", () => {
    expect(Object.keys(composition.services)).toEqual(["gateway", "server"]);
    const port = portOf(configuration.listen);
    expect(gateway.ports).toEqual([`127.0.0.1:${port}:${port}`]);
    expect(gateway["network_mode"]).toBeUndefined();
    expect(server["network_mode"]).toBe("service:gateway");
    for (const absent of ["ports", "expose", "networks"]) expect(server).not.toHaveProperty(absent);
    expect(server.command).toContain(`/srv/server.py ${upstream.port} `);
  });

  it("names files that are there or made by the reader, and mounts them for reading", () => {
    const mounts = [...gateway.volumes, ...server.volumes].map((each) => each.split(":"));
    for (const [source = "", , mode] of mounts) expect([isThere(source), mode], source).toEqual([true, "ro"]);
    for (const { file } of Object.values(composition.secrets)) expect(isThere(file), file).toBe(true);
    const { context = "", dockerfile = "" } = gateway.build ?? {};
    expect(existsSync(resolve(FOLDER, context, dockerfile))).toBe(true);
    expect(existsSync(resolve(FOLDER, context, "packages/cli/src/main.ts"))).toBe(true);
    expect(gateway.command).toBe("node packages/cli/dist/main.js gateway --config /etc/attest/gateway.yaml");
  });

  it("gives the assertion's key to the gateway alone, and neither more than it needs (O1)", () => {
    expect(gateway["secrets"]).toEqual([{ source: "assertion-key", target: "/etc/attest/assertion-key.json" }]);
    expect(server).not.toHaveProperty("secrets");
    expect(JSON.stringify(server)).not.toContain("assertion-key");
    for (const each of [gateway, server]) {
      expect(each).toMatchObject({
        read_only: true,
        cap_drop: ["ALL"],
        security_opt: ["no-new-privileges:true"],
      });
    }
    expect(gateway["healthcheck"]).toMatchObject({ test: ["CMD", "node", "deploy/healthy.mjs", ready] });
    expect(server["depends_on"]).toEqual({ gateway: { condition: "service_healthy" } });
  });
});

describe("kubernetes.yaml", () => {
  const documents = parseAllDocuments(text("kubernetes.yaml"), { version: "1.1" }).map((each) => each.toJS());
  const [deployment, service, networkPolicy] = documents as [IDeployment, IService, INetworkPolicy];
  const pod = deployment.spec?.template.spec;
  const [gateway, server] = pod?.containers ?? [];

  it("is in the form that Kubernetes has for its kinds", () => {
    expect(documents.map(({ kind }) => kind)).toEqual(["Deployment", "Service", "NetworkPolicy"]);
    new Deployment(deployment).validate();
    new Service(service).validate();
    new NetworkPolicy(networkPolicy).validate();
  });

  it("lets others reach the gateway's port alone (G1)", () => {
    const port = portOf(configuration.listen);
    expect(gateway?.ports).toEqual([{ name: "mcp", containerPort: port }]);
    expect(server?.ports).toBeUndefined();
    expect(service.spec?.ports).toEqual([{ name: "mcp", port: 80, targetPort: "mcp" }]);
    expect(networkPolicy.spec?.policyTypes).toEqual(["Ingress"]);
    expect(networkPolicy.spec?.ingress).toEqual([{ ports: [{ protocol: "TCP", port }] }]);
    const labels = deployment.spec?.template.metadata?.labels;
    expect(service.spec?.selector).toEqual(labels);
    expect(networkPolicy.spec?.podSelector).toEqual({ matchLabels: labels });
    expect(deployment.spec?.selector).toEqual({ matchLabels: labels });
    expect(pod?.hostNetwork).toBeUndefined();
    expect(server?.command).toEqual(["python", "-B", "/srv/server.py", upstream.port, "/srv/gateway-keys.json"]);
  });

  it("runs one gateway at a time, whose used proofs are in its process", () => {
    expect(configuration.instances ?? "single").toBe("single");
    expect(deployment.spec).toMatchObject({ replicas: 1, strategy: { type: "Recreate" } });
  });

  it("runs both without root, with a read-only root and no more than they need", () => {
    expect(pod).toMatchObject({
      automountServiceAccountToken: false,
      securityContext: { runAsNonRoot: true, runAsUser: 1000, seccompProfile: { type: "RuntimeDefault" } },
    });
    for (const each of pod?.containers ?? []) {
      expect(each.securityContext, each.name).toEqual({
        allowPrivilegeEscalation: false,
        readOnlyRootFilesystem: true,
        capabilities: { drop: ["ALL"] },
      });
      for (const mount of each.volumeMounts ?? []) expect(mount.readOnly, mount.name).toBe(true);
    }
  });

  it("asks for health and readiness where they are served, and ends the server after the gateway", () => {
    const asked = (url: string) => ({ exec: { command: ["node", "deploy/healthy.mjs", url] } });
    expect(gateway?.startupProbe).toMatchObject(asked(health));
    expect(gateway?.livenessProbe).toMatchObject(asked(health));
    expect(gateway?.readinessProbe).toMatchObject(asked(ready));
    const waits = [gateway, server].map((each) => Number(each?.lifecycle?.preStop?.exec?.command?.[1]));
    const [first = 0, second = 0] = waits;
    expect(second).toBeGreaterThanOrEqual(first + configuration.drain);
    expect(pod?.terminationGracePeriodSeconds).toBeGreaterThan(second);
  });

  it("mounts the assertion's key into the gateway alone, from what kustomization.yaml makes (O1)", () => {
    const [secrets] = (pod?.volumes ?? []).filter((each) => JSON.stringify(each).includes('"secret"'));
    expect(secrets).toEqual({
      name: "gateway",
      projected: {
        defaultMode: 0o440,
        sources: [{ configMap: { name: "attest-gateway" } }, { secret: { name: "attest-gateway" } }],
      },
    });
    expect(gateway?.volumeMounts).toEqual([{ name: "gateway", mountPath: "/etc/attest", readOnly: true }]);
    expect(server?.volumeMounts).toEqual([{ name: "server", mountPath: "/srv", readOnly: true }]);
    const { resources, configMapGenerator, secretGenerator } = parse(text("kustomization.yaml"));
    expect(resources).toEqual(["kubernetes.yaml"]);
    expect(secretGenerator).toEqual([{ name: "attest-gateway", files: ["local/assertion-key.json"] }]);
    expect(configMapGenerator.map(({ name }: { name: string }) => name)).toEqual(["attest-gateway", "bank-server"]);
    for (const { files } of configMapGenerator) for (const file of files) expect(isThere(file), file).toBe(true);
  });
});

describe("attest-gateway.service", () => {
  const lines = text("attest-gateway.service")
    .split("\n")
    .filter((line) => line !== "" && !line.startsWith("#"));
  const valuesOf = (key: string) =>
    lines.flatMap((line) => (line.startsWith(`${key}=`) ? [line.slice(key.length + 1)] : []));

  it("hardens what it runs, and ends all of it", () => {
    const hardened = {
      DynamicUser: "yes",
      NoNewPrivileges: "yes",
      ProtectSystem: "strict",
      ProtectHome: "yes",
      PrivateTmp: "yes",
      PrivateDevices: "yes",
      CapabilityBoundingSet: "",
      KillMode: "mixed",
      UMask: "0077",
    };
    for (const [key, value] of Object.entries(hardened)) expect(valuesOf(key), key).toEqual([value]);
    expect(Number(valuesOf("TimeoutStopSec")[0])).toBeGreaterThan(configuration.drain);
  });

  it("has systemd put every file that gateway.yaml names next to it (O1)", () => {
    const names = ["gateway.yaml", "authority-keys.json", "assertion-key.json"];
    expect(valuesOf("LoadCredential")).toEqual(names.map((name) => `${name}:/etc/attest/${name}`));
    const run = ["/usr/bin/env attest gateway --config $", "{CREDENTIALS_DIRECTORY}/gateway.yaml"].join("");
    expect(valuesOf("ExecStart")).toEqual([run]);
    expect(lines.some((line) => line.startsWith("Environment"))).toBe(false);
  });

  it.runIf(existsSync("/usr/bin/systemd-analyze"))("holds before systemd itself", () => {
    const { stderr } = spawnSync("systemd-analyze", ["verify", at("attest-gateway.service")], { encoding: "utf8" });
    expect(stderr.split("\n").filter((line) => line.includes("attest-gateway.service"))).toEqual([]);
  });
});

it("what the folder runs works together, without containers (G1, G3)", async () => {
  const scene = await createScene();
  const folder = mkdtempSync(join(tmpdir(), "attest-deploy-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const write = (name: string, value: unknown) =>
    writeFileSync(join(folder, name), typeof value === "string" ? value : JSON.stringify(value), { mode: 0o600 });
  const key = await KeyPair.generate({ kid: "gateway-1" });
  write("authority-keys.json", scene.authority.keyResolver.toJwks(scene.authority.issuer));
  write("assertion-key.json", await key.toPrivateJwk());
  write("gateway-keys.json", { keys: [key.toJwk()] });
  const server = spawn(PYTHON, ["-B", at("server.py"), "0", join(folder, "gateway-keys.json")], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const ended = once(server, "exit");
  onTestFinished(async () => {
    server.kill();
    expect(await ended).toEqual([0, null]);
  });
  const [address] = await once(createInterface({ input: server.stdout }), "line");
  const own = text("gateway.yaml")
    .replace("0.0.0.0:8480", "127.0.0.1:0")
    .replace("127.0.0.1:9480", "127.0.0.1:0")
    .replace(upstream.href, address);
  write("gateway.yaml", own);
  const gateway = await runGateway(join(folder, "gateway.yaml"));
  onTestFinished(() => gateway.close());
  expect((await fetch(new URL("/ready", gateway.adminUrl))).status).toBe(200);
  expect(await (await fetch(new URL("/jwks", gateway.adminUrl))).json()).toEqual({ keys: [key.toJwk()] });

  const { attestationIssuer, identity } = scene.authority;
  const source = localSource(attestationIssuer, identity, { subject: "spiffe://example.com/model/alice" });
  const agent = new AttestingAgent({ source, signer: await KeyPair.generate() });
  const endpoint = new URL(new URL(configuration.publicUrl ?? "").pathname, gateway.url).href;
  const fetching = attestFetch({ agent, audience: configuration.audience ?? "", endpoint });
  const client = new Client({ name: "test", version: "1.0.0" });
  await client.connect(new StreamableHTTPClientTransport(new URL(endpoint), { fetch: fetching }) as never);
  const { content } = await client.callTool({ name: "who_calls" });
  expect(content).toEqual([{ type: "text", text: "spiffe://example.com/model/alice, trust provider" }]);
  await client.close();

  const call = request(1, "tools/call", { name: "who_calls" });
  const refused = await fetch(endpoint, strange(call));
  expect(reasonOf(await refused.json())).toBe("attestation_required");
  // Around the gateway, nobody was verified; and what was not asserted by it is refused.
  expect((await fetch(address, strange(call))).status).toBe(403);
  const forged = { ...strange(call), headers: { "Agent-Attestation-Verified": "e30.e30.AA" } };
  expect((await fetch(address, forged)).status).toBe(400);
});
