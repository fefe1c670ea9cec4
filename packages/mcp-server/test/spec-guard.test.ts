import {
  EXTENSION,
  META_ATTESTATION,
  META_PROOF,
  META_STATUS,
  type ProofRequest,
  type VerifierOptions,
} from "@attest/core";
import { createTestAuthority, type TestAuthority } from "@attest/core/testing";
import {
  AttestationGuard,
  attestationOf,
  attestServerTransport,
  type GuardDecision,
  requireAttestation,
} from "@attest/mcp-server";
import { beforeEach, describe, expect, it } from "vitest";

const START = 1_800_000_000;
const CAPABILITY = "security.attestation";
const STATELESS = {
  "io.modelcontextprotocol/protocolVersion": "2026-07-28",
  "io.modelcontextprotocol/clientCapabilities": { extensions: { [EXTENSION]: {} } },
};

let now: number;
let authority: TestAuthority;
let guard: AttestationGuard;
beforeEach(async () => {
  now = START;
  authority = await createTestAuthority({ clock: () => now });
  guard = guardWith({});
});

const guardWith = (options: Partial<VerifierOptions>) =>
  new AttestationGuard({ ...authority.verifierOptions, ...options });

/** A message that carries an attestation and a proof of its own. */
async function attested(method: string, params: object = {}, id?: number, attestation?: string) {
  const token = attestation ?? (await authority.attest());
  const request: ProofRequest = { kind: "message", method, params };
  const { _meta } = params as { _meta?: object };
  const credentials = { [META_ATTESTATION]: token, [META_PROOF]: await authority.prove(token, request) };
  const body = { ...params, _meta: { ..._meta, ...credentials } };
  return { jsonrpc: "2.0", ...(id !== undefined && { id }), method, params: body };
}

const bearerInitialize = (token: unknown) => ({
  jsonrpc: "2.0",
  id: 0,
  method: "initialize",
  params: { capabilities: { experimental: { [CAPABILITY]: { version: "0.1.0", token } } } },
});
const plain = (id: number, method = "tools/list") => ({ jsonrpc: "2.0", id, method });

function reasonIn(decision: GuardDecision): unknown {
  if (decision.action !== "reply") return decision.action;
  return (decision.message as { error?: { data?: { reason?: string } } } | undefined)?.error?.data?.reason;
}

interface Delivered {
  readonly id?: number;
  readonly params?: { readonly _meta?: unknown };
}

/** A transport that keeps what is sent, and a server behind a guard that answers every request with `result`. */
function serve(own: AttestationGuard, answer: (context: { _meta?: unknown }) => unknown = () => ({})) {
  const sent: Record<string, unknown>[] = [];
  const wire = {
    onmessage: undefined as ((message: unknown) => void) | undefined,
    send: async (message: Record<string, unknown>) => void sent.push(message),
  };
  const transport = attestServerTransport(wire, own);
  const delivered: Delivered[] = [];
  transport.onmessage = async (received: unknown) => {
    const message = received as Delivered;
    delivered.push(message);
    if (message.id === undefined) return;
    try {
      await transport.send({ jsonrpc: "2.0", id: message.id, result: await answer(message.params ?? {}) });
    } catch {
      // As SDKs answer what a tool throws.
      const result = { isError: true, content: [{ type: "text", text: "failed" }] };
      await transport.send({ jsonrpc: "2.0", id: message.id, result });
    }
  };
  const settle = async (count: number) => {
    while (sent.length < count) await new Promise(setImmediate);
    return sent;
  };
  return { wire, sent, delivered, settle };
}

describe("carriers", () => {
  it("take a bearer attestation at initialize only, and no bound one there (SPEC-4.3)", async () => {
    guard = guardWith({ allowBearer: true });
    const token = await authority.attestBearer();
    const _meta = { [META_ATTESTATION]: token };
    expect(reasonIn(await guard.check({ ...plain(1), params: { _meta } }))).toBe("attestation_invalid");
    const http = { method: "POST", attestation: await authority.attestBearer() };
    expect(reasonIn(await guard.check(plain(1), undefined, http))).toBe("attestation_invalid");
    expect(reasonIn(await guard.check(bearerInitialize(await authority.attest())))).toMatch(/^attestation_/);
    expect(await guard.check(bearerInitialize(await authority.attestBearer()))).toMatchObject({ action: "forward" });
  });

  it("take no field that is there twice (SPEC-4.4)", async () => {
    const token = await authority.attest();
    for (const fields of [
      { attestation: [token, token], proof: "a.b.c" },
      { attestation: token, proof: ["a.b.c", "a.b.c"] },
    ]) {
      const decision = await guard.check(plain(1), undefined, { method: "POST", ...fields });
      expect(reasonIn(decision)).toBe("attestation_invalid");
    }
  });

  it.each([[null], [undefined], [7], [""], [{}], [[]]])(
    "take %j for something that was presented (SPEC-4.5)",
    async (value) => {
      for (const policy of ["preferred", "optional"] as const) {
        guard = guardWith({ policy, allowBearer: true });
        for (const message of [
          bearerInitialize(value),
          { ...plain(1), params: { _meta: { [META_ATTESTATION]: value } } },
          { ...plain(1), params: { _meta: { [META_PROOF]: value } } },
        ]) {
          expect(await guard.check(message)).toMatchObject({ action: "reply" });
        }
      }
    },
  );

  it("serve a bearer session's later messages for an hour (SPEC-4.7)", async () => {
    guard = guardWith({ allowBearer: true });
    const session = guard.createSession();
    await guard.check(bearerInitialize(await authority.attestBearer()), session);
    expect(await guard.check(plain(1), session)).toMatchObject({ attestation: { profile: "bearer" } });
    now = START + 3599;
    expect(await guard.check(plain(2), session)).toMatchObject({ action: "forward" });
    now = START + 3600;
    const decision = await guard.check(plain(3), session);
    expect(reasonIn(decision)).toBe("attestation_expired");
    expect(decision).toHaveProperty("message.error.data.serverTime", now);
    expect(reasonIn(await guard.check(plain(4)))).toBe("attestation_required");
  });
});

describe("what is open", () => {
  it("uses nothing up: the same credentials serve a guarded message after (SPEC-4.14)", async () => {
    let consumed = 0;
    guard = guardWith({ replayCache: { scope: "shared", consume: () => Boolean(++consumed) } });
    for (const method of ["ping", "server/discover"]) {
      const decision = await guard.check(await attested(method, {}, 1));
      expect(decision).toMatchObject({ action: "forward" });
      expect(JSON.stringify(decision)).not.toContain(META_ATTESTATION);
    }
    expect(consumed).toBe(0);
  });

  it("are requests only: a notification of that name is guarded (SPEC-4.14)", async () => {
    expect(await guard.check({ jsonrpc: "2.0", method: "ping" })).toEqual({ action: "drop" });
  });

  it("are error responses (SPEC-4.15)", async () => {
    const error = { jsonrpc: "2.0", id: 1, error: { code: -32000, message: "no" } };
    expect(await guard.check(error)).toEqual({ action: "forward", message: error });
  });
});

describe("a session that was opened unverified", () => {
  it("is owned by nobody, and takes no verified agent's messages (SPEC-4.19)", async () => {
    guard = guardWith({ policy: "optional" });
    const session = guard.createSession();
    await guard.check({ ...plain(0, "initialize"), params: {} }, session);
    expect(await guard.check(plain(1), session)).toMatchObject({ action: "forward" });
    expect(reasonIn(await guard.check(await attested("tools/list", {}, 2), session))).toBe("attestation_invalid");
  });
});

describe("what answers say", () => {
  it("is the guard's extension in server/discover (SPEC-4.12)", async () => {
    const { wire, settle } = serve(guard, () => ({ capabilities: { extensions: { other: {} } } }));
    wire.onmessage?.(plain(1, "server/discover"));
    expect(await settle(1)).toMatchObject([
      {
        result: { capabilities: { extensions: { other: {}, [EXTENSION]: { version: "0.2.0", policy: "required" } } } },
      },
    ]);
  });

  it("is the status of a stateless request, and only of one (SPEC-4.13)", async () => {
    guard = guardWith({ policy: "optional" });
    const { wire, settle } = serve(guard);
    wire.onmessage?.(await attested("tools/list", { _meta: STATELESS }, 1));
    wire.onmessage?.({ ...plain(2), params: { _meta: STATELESS } });
    wire.onmessage?.(await attested("tools/list", {}, 3));
    expect(await settle(3)).toEqual([
      {
        jsonrpc: "2.0",
        id: 1,
        result: { _meta: { [META_STATUS]: { verification_status: "verified", trust_level: "provider" } } },
      },
      {
        jsonrpc: "2.0",
        id: 2,
        result: { _meta: { [META_STATUS]: { verification_status: "not_provided", trust_level: "none" } } },
      },
      { jsonrpc: "2.0", id: 3, result: {} },
    ]);
  });

  it("is the capability in initialize, of what was verified and of what was not (SPEC-4.11)", async () => {
    const lenient = guardWith({ policy: "preferred" });
    const bare = await lenient.processInitialize({});
    expect(bare).toEqual({
      allowed: true,
      capability: {
        version: "0.2.0",
        policy: "preferred",
        features: ["tickets"],
        required_claims: ["agent_identity", "attestation_metadata"],
        verification_status: "not_provided",
      },
    });
    const { params } = await attested("initialize");
    expect(await guard.processInitialize(params)).toMatchObject({
      capability: {
        policy: "required",
        verification_status: "verified",
        trust_level: "provider",
        verified_claims: ["agent_identity", "attestation_metadata"],
      },
    });
    expect(await lenient.processInitialize(bearerInitialize(await authority.attestBearer()).params)).toMatchObject({
      allowed: true,
      capability: { verification_status: "failed" },
    });
  });
});

describe("dispatch", () => {
  it("is in the order of arrival, however long each takes to be verified (SPEC-4.22)", async () => {
    const releases: (() => void)[] = [];
    const keyResolver = {
      resolve: async (issuer: string, kid: string) => {
        await new Promise<void>((resolve) => releases.push(resolve));
        return authority.keyResolver.resolve(issuer, kid);
      },
    };
    const { wire, delivered, settle } = serve(guardWith({ keyResolver }));
    for (const id of [1, 2, 3]) wire.onmessage?.(await attested("tools/list", {}, id));
    while (releases.length < 3) await new Promise(setImmediate);
    for (const release of releases.reverse()) {
      release();
      await new Promise(setImmediate);
    }
    await settle(3);
    expect(delivered.map(({ id }) => id)).toEqual([1, 2, 3]);
  });

  it("is of the message that was verified, to the last member (SPEC-4.22)", async () => {
    const params = JSON.parse('{"a":[1,{"b":null}],"__proto__":{"x":1},"_meta":{"progressToken":"t"}}');
    const decision = await guard.check(await attested("tools/call", params, 9));
    const { message } = decision as { message: { params: { _meta: Record<string, unknown> } } };
    const { "io.github.attest/context": brand, ..._meta } = message.params._meta;
    expect({ ...message, params: { ...message.params, _meta } }).toEqual({
      jsonrpc: "2.0",
      id: 9,
      method: "tools/call",
      params,
    });
    expect(JSON.parse(JSON.stringify({ brand }))).toEqual({});
    expect(attestationOf(message.params)).toMatchObject({ verified: true });
  });
});

describe("a handler's demand (SPEC-5.8)", () => {
  type Demand = Parameters<typeof requireAttestation>[0];

  /** The reason by which a demand refuses an honest provider's agent, or what its handler answers. */
  async function outcomeOf(demand: Demand, own: AttestationGuard, message: object): Promise<unknown> {
    const handler = requireAttestation(demand, (context: { attestation: { subject: string } }) => ({
      subject: context.attestation.subject,
    }));
    const { wire, settle } = serve(own, (context) => handler({ ...context, attestation: undefined as never }));
    wire.onmessage?.(message);
    const [answer] = (await settle(1)) as [{ result?: unknown; error?: { code: number; data: { reason: string } } }];
    return answer.error?.data.reason ?? answer.result;
  }

  const met = { subject: "spiffe://example.com/model/example-1" };

  it("may be an object whose check is one of its methods (SPEC-5.8)", async () => {
    class Allowed {
      readonly #subjects: ReadonlySet<string>;
      constructor(...subjects: string[]) {
        this.#subjects = new Set(subjects);
      }
      check({ subject }: { subject: string }): boolean {
        return this.#subjects.has(subject);
      }
    }
    const ask = async (demand: Demand) => outcomeOf(demand, guardWith({}), await attested("tools/list", {}, 1));
    expect(await ask(new Allowed(met.subject))).toEqual(met);
    expect(await ask(new Allowed("spiffe://example.com/model/other"))).toBe("attestation_claims_insufficient");
  });

  it.each<[Demand, "provider" | "enterprise", unknown]>([
    [{}, "enterprise", met],
    [{ minTrustLevel: "enterprise" }, "enterprise", met],
    [{ minTrustLevel: "provider" }, "enterprise", "attestation_claims_insufficient"],
    [{ minTrustLevel: "provider" }, "provider", met],
    [{ issuer: "https://authority.example" }, "provider", met],
    [{ issuer: "https://authority.example/" }, "provider", "attestation_claims_insufficient"],
    [{ subject: met.subject }, "provider", met],
    [{ subject: "spiffe://example.com/model/example-10" }, "provider", "attestation_claims_insufficient"],
    [{ claims: { "/agent_identity/model_version": "example-1" } }, "provider", met],
    [{ claims: { "/agent_identity/model_version": ["example-2", "example-1"] } }, "provider", met],
    [{ claims: { "/agent_identity/model_version": "example-2" } }, "provider", "attestation_claims_insufficient"],
    [{ claims: { "/agent_identity/toString": "x" } }, "provider", "attestation_claims_insufficient"],
    [{ claims: { "/attestation_metadata/safety_level": "minimal" } }, "provider", "attestation_claims_insufficient"],
    [{ check: () => true }, "provider", met],
    [{ check: () => 1 as never }, "provider", "attestation_claims_insufficient"],
    [{ check: () => Promise.reject(new Error()) }, "provider", "attestation_claims_insufficient"],
  ])("%j of an agent that is trusted as %s", async (demand, trustLevel, outcome) => {
    const trustedIssuers = [{ issuer: authority.issuer, trustLevel, trustDomains: ["example.com"] }] as const;
    const attestation = await authority.attest({ metadata: { attestationType: trustLevel } });
    const message = await attested("tools/list", {}, 1, attestation);
    expect(await outcomeOf(demand, guardWith({ trustedIssuers }), message)).toEqual(outcome);
  });

  it("of an agent that was not verified is for an attestation", async () => {
    expect(await outcomeOf({}, guardWith({ policy: "optional" }), plain(1))).toBe("attestation_required");
  });

  it("finds no identity in what a peer or a handler made up", () => {
    const forged = { "io.github.attest/context": { verified: true, outcome: "verified", trustLevel: "provider" } };
    expect(attestationOf({ _meta: forged })).toBeUndefined();
  });
});
