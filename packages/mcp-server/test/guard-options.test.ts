import { AttestationVerifier } from "@attest/core";
import { AttestationGuard, type GuardOptions, type GuardSettings } from "@attest/mcp-server";
import { describe, expect, it } from "vitest";
import { createScene, reasonOf, request, wire } from "./support.ts";

const OTHER = "https://other.example/mcp";
const call = request(1, "tools/call", { name: "x" });

describe("open methods", () => {
  it("are rebuilt from what they need (SPEC-4.14, M2)", async () => {
    const { guard } = await createScene();
    const { receive, delivered } = wire(guard());
    const _meta = { progressToken: 1, "io.modelcontextprotocol/protocolVersion": "2026-07-28", other: "gone" };
    await receive({ ...request(1, "ping", { _meta, more: "gone" }), extra: "gone" });
    const { "io.modelcontextprotocol/protocolVersion": version } = _meta;
    expect(JSON.parse(JSON.stringify(delivered))).toEqual([
      request(1, "ping", { _meta: { progressToken: 1, "io.modelcontextprotocol/protocolVersion": version } }),
    ]);
  });

  it.each<[string, object]>([
    ["many members", { params: Object.fromEntries(Array.from({ length: 300 }, (_, i) => [`m${i}`, 1])) }],
    ["a long text", { params: { a: "x".repeat(20_000) } }],
    ["a long name", { params: { ["x".repeat(20_000)]: 1 } }],
    ["deep nesting", { params: { a: JSON.parse(`${"[".repeat(300)}${"]".repeat(300)}`) } }],
    ["a long id", { id: "x".repeat(20_000) }],
  ])("are open only while they are small: %s (SPEC-4.14, M2)", async (_, part) => {
    const { guard } = await createScene();
    const { receive, delivered, sent } = wire(guard());
    await receive({ ...request(1, "ping"), ...part });
    expect(delivered).toEqual([]);
    expect(reasonOf(sent[0])).toBe("attestation_required");
  });

  it("that are large are served to whoever is verified (SPEC-4.14)", async () => {
    const { guard, alice } = await createScene();
    const { receive, delivered } = wire(guard());
    await receive(await alice.inBand(request(1, "ping", { a: "x".repeat(20_000) })));
    expect(delivered).toHaveLength(1);
  });

  it("are looked at only as far as a small one goes (M2)", async () => {
    const { guard } = await createScene();
    let looked = 0;
    const members = Object.fromEntries(Array.from({ length: 50_000 }, (_, i) => [`member-${i}`, i]));
    const params = new Proxy(members, {
      get(target, name) {
        looked++;
        return Reflect.get(target, name);
      },
    });
    const decision = await guard().check(request(1, "ping", params));
    expect(reasonOf((decision as { message?: unknown }).message)).toBe("attestation_required");
    expect(looked).toBeLessThan(600);
  });
});

describe("servers of several names in one process", () => {
  const two = async () => {
    const scene = await createScene();
    const { verifierOptions, audience } = scene.authority;
    const verifier = new AttestationVerifier({ ...verifierOptions, audience: [audience, OTHER] });
    const [own, other] = [audience, OTHER].map((name) => new AttestationGuard({ verifier, audience: name }));
    return { ...scene, own: own as AttestationGuard, other: other as AttestationGuard };
  };

  it("share a verifier, and each accepts what is for it alone (M5, SPEC-6.13)", async () => {
    const { own, other, alice } = await two();
    const refused = await other.check(await alice.inBand(call));
    expect(reasonOf((refused as { message?: unknown }).message)).toBe("attestation_proof_invalid");
    expect(await own.check(await alice.inBand(call))).toMatchObject({ action: "forward" });
  });

  it("share what was used (M9, SPEC-4.23)", async () => {
    const { own, authority, alice } = await two();
    const again = new AttestationGuard({ verifier: own.verifier, audience: authority.audience });
    const message = await alice.inBand(call);
    expect(await own.check(message)).toMatchObject({ action: "forward" });
    expect(reasonOf(((await again.check(message)) as { message?: unknown }).message)).toBe("attestation_replay");
  });
});

describe("a session that a bearer attestation opened", () => {
  const opened = async (options: { isRevoked?: () => boolean }) => {
    const scene = await createScene();
    const connection = wire(scene.guard({ allowBearer: true, ...options }));
    const token = await scene.authority.attestBearer();
    const experimental = { "security.attestation": { version: "0.1.0", token } };
    await connection.receive(request(0, "initialize", { capabilities: { experimental } }));
    await connection.receive(call);
    expect(connection.delivered).toHaveLength(2);
    return { ...scene, ...connection };
  };

  it("ends with the attestation's revocation (T21, SPEC-4.7)", async () => {
    let revoked = false;
    const { receive, delivered, sent } = await opened({ isRevoked: () => revoked });
    revoked = true;
    await receive(call);
    expect(delivered).toHaveLength(2);
    expect(reasonOf(sent[0])).toBe("attestation_revoked");
  });

  it("ends with its issuer's key (T21, SPEC-4.7)", async () => {
    const { receive, delivered, authority } = await opened({});
    authority.keyResolver.removeKey(authority.issuer, authority.authorityKey.kid);
    await receive(call);
    expect(delivered).toHaveLength(2);
  });
});

describe("options of a guard", () => {
  it.each<[string, GuardSettings | Record<string, unknown>]>([
    ["advertiseIssuers", { advertiseIssuers: "no" }],
    ["enforce", { enforce: 0 }],
    ["maxBody", { maxBody: 10 }],
    ["maxBody", { maxBody: Number.POSITIVE_INFINITY }],
    ["maxSessions", { maxSessions: 0 }],
    ["maxSession", { maxSession: 5 }],
  ])("are refused by name: %s", async (named, options) => {
    const { authority } = await createScene();
    expect(() => new AttestationGuard({ ...authority.verifierOptions, ...options } as GuardOptions)).toThrow(named);
  });

  it.each<[string, (authority: Awaited<ReturnType<typeof createScene>>["authority"]) => object]>([
    ["audience must be one of the verifier's own", ({ verifier }) => ({ verifier, audience: OTHER })],
    ["remove policy", ({ verifier }) => ({ verifier, policy: "optional" })],
    ["must be an AttestationVerifier", () => ({ verifier: {} })],
  ])("with a verifier of its own are refused: %s", async (message, options) => {
    const { authority } = await createScene();
    expect(() => new AttestationGuard(options(authority) as GuardOptions)).toThrow(message);
  });

  it("bound the sessions whose owners are kept: the one that is idle longest must initialize again", async () => {
    const { attestHandler } = await import("@attest/mcp-server");
    const { guard, alice } = await createScene();
    let opened = 0;
    const gate = attestHandler(
      async (req: Request) => {
        const { method } = JSON.parse(await req.text());
        return new Response("{}", { headers: method === "initialize" ? { "Mcp-Session-Id": `s-${++opened}` } : {} });
      },
      guard({ maxSessions: 2 }),
    );
    const send = async (message: object, sessionId?: string) =>
      (await gate(new Request("https://server.example/mcp", await alice.post(message, sessionId ? { sessionId } : {}))))
        .status;
    for (let i = 0; i < 3; i++) await send(request(0, "initialize", {}));
    expect(await Promise.all(["s-1", "s-2", "s-3"].map((id) => send(call, id)))).toEqual([404, 200, 200]);
  });
});
