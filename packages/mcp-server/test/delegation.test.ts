import {
  type AttestationEvent,
  createDelegation,
  createProof,
  importVerificationKey,
  KeyPair,
  META_ATTESTATION,
  META_PROOF,
} from "@attest/core";
import { createTestAuthority, type TestAuthority } from "@attest/core/testing";
import {
  type AttestationDemand,
  AttestationGuard,
  attestHandler,
  type GuardDecision,
  type HttpRequest,
  requireAttestation,
} from "@attest/mcp-server";
import { beforeEach, describe, expect, it } from "vitest";

interface Delegated {
  readonly chain: string;
  readonly key: KeyPair;
}
let authority: TestAuthority;
let guard: AttestationGuard;
let root: Delegated;
let child: Delegated;
beforeEach(async () => {
  authority = await createTestAuthority();
  guard = new AttestationGuard({ ...authority.verifierOptions, maxDelegationDepth: 2 });
  root = { chain: await authority.attest(), key: authority.agentKey };
  child = await delegate(root);
});

async function delegate(from: Delegated, allow: object | undefined = { tools: ["list"] }): Promise<Delegated> {
  const key = await KeyPair.generate();
  const { audience } = authority;
  const chain = await createDelegation({
    parent: from.chain,
    signer: from.key,
    confirmationKey: key.toJwk(),
    audience,
    ...(allow && { allow }),
  });
  return { chain, key };
}

/** A message with the credentials of somebody in it. */
async function inBand({ chain, key }: Delegated, message: { method: string; params?: object; id?: number }) {
  const { method, params = {} } = message;
  const request = { kind: "message", method, params } as const;
  const proof = await createProof({ attestation: chain, signer: key, audience: authority.audience, request });
  const _meta = { [META_ATTESTATION]: chain, [META_PROOF]: proof };
  return { jsonrpc: "2.0", ...message, params: { ...params, _meta } };
}

/** What an HTTP request brings, with somebody's credentials in its fields. */
async function overHttp({ chain, key }: Delegated, text: string, method = "POST"): Promise<HttpRequest> {
  const body = new TextEncoder().encode(text);
  const request = { kind: "http", method, body } as const;
  const proof = await createProof({ attestation: chain, signer: key, audience: authority.audience, request });
  return { method, body, attestation: chain, proof };
}

const reasonOf = (decision: GuardDecision) =>
  decision.action === "reply"
    ? ((decision.message as { error: { data: { reason: string } } } | undefined)?.error.data.reason ?? decision.status)
    : decision.action;
const call = (name: string) => ({ id: 1, method: "tools/call", params: { name } });

describe("a guard", () => {
  it("lets a sub-agent do what it is allowed, in the message and in fields (SPEC-21.8)", async () => {
    for (const [name, expected] of [
      ["list", "forward"],
      ["transfer", "attestation_claims_insufficient"],
    ] as const) {
      expect(reasonOf(await guard.check(await inBand(child, call(name))))).toBe(expected);
      const message = { jsonrpc: "2.0", ...call(name) };
      expect(reasonOf(await guard.check(message, undefined, await overHttp(child, JSON.stringify(message))))).toBe(
        expected,
      );
    }
  });

  it("judges the object that it forwards, whatever the bytes say to another reader (D7, SPEC-21.8)", async () => {
    const text = '{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"list","name":"transfer"}}';
    const decision = await guard.check(JSON.parse(text), undefined, await overHttp(child, text));
    expect(reasonOf(decision)).toBe("attestation_claims_insufficient");
    const first = '{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"transfer","name":"list"}}';
    const forwarded = await guard.check(JSON.parse(first), undefined, await overHttp(child, first));
    expect(forwarded).toMatchObject({ action: "forward", message: { params: { name: "list" } } });
  });

  it("drops a notification that no chain may send, and passes those of the session (SPEC-21.9)", async () => {
    const note = (method: string) => inBand(child, { method });
    expect(reasonOf(await guard.check(await note("notifications/initialized")))).toBe("forward");
    expect(reasonOf(await guard.check(await note("notifications/made_up")))).toBe("drop");
  });

  it("lets a sub-agent open and end a stream over HTTP (SPEC-21.9)", async () => {
    for (const method of ["GET", "DELETE"]) {
      expect(reasonOf(await guard.check(undefined, undefined, await overHttp(child, "", method)))).toBe("forward");
    }
  });

  it("keeps the sessions of parent and sub-agent apart (SPEC-21.11, M1)", async () => {
    const session = guard.createSession();
    const hello = { id: 0, method: "initialize", params: {} };
    expect(reasonOf(await guard.check(await inBand(child, hello), session))).toBe("forward");
    expect(reasonOf(await guard.check(await inBand(child, call("list")), session))).toBe("forward");
    for (const other of [root, await delegate(root), await delegate(child)]) {
      expect(reasonOf(await guard.check(await inBand(other, call("list")), session))).toBe("attestation_invalid");
    }
  });

  it("refuses chains unless it is told how long they may be (SPEC-21.10)", async () => {
    for (const policy of ["required", "optional"] as const) {
      const own = new AttestationGuard({ ...authority.verifierOptions, policy });
      expect(reasonOf(await own.check(await inBand(child, call("list"))))).toBe("attestation_invalid");
    }
    const third = await delegate(await delegate(child));
    expect(reasonOf(await guard.check(await inBand(third, call("list"))))).toBe("attestation_invalid");
  });
});

describe("a handler's demand", () => {
  const admitted = async (by: Delegated, demand: AttestationDemand) => {
    const decision = await guard.check(await inBand(by, call("list")));
    if (decision.action !== "forward") throw new Error(String(reasonOf(decision)));
    const handler = requireAttestation(demand, ({ attestation }: { attestation: unknown }) => attestation);
    const { params } = decision.message as { params: { _meta: object } };
    return handler({ _meta: params._meta } as never);
  };

  it("is met by a sub-agent only if it says so (D9, SPEC-21.14)", async () => {
    for (const demand of [{}, { delegated: false }, { minTrustLevel: "provider" }] as const) {
      await expect(admitted(child, demand)).rejects.toMatchObject({ code: "ERR_DEMAND" });
      await expect(admitted(root, demand)).resolves.toMatchObject({ verified: true });
    }
    const agent = await admitted(child, { delegated: true, minTrustLevel: "provider" });
    expect(agent).toMatchObject({
      subject: "spiffe://example.com/model/example-1",
      delegation: [{ allow: { tools: ["list"] } }],
    });
    await expect(admitted(root, { delegated: true })).resolves.not.toHaveProperty("delegation");
    expect(() => requireAttestation({ delegated: 1 as never }, () => 1)).toThrow("delegated");
  });
});

it("reports the chain with each message and each demand, by key and name", async () => {
  const events: AttestationEvent[] = [];
  const observer = { onEvent: (event: AttestationEvent) => void events.push(event) };
  guard = new AttestationGuard({ ...authority.verifierOptions, maxDelegationDepth: 2, observer });
  const decision = await guard.check(await inBand(child, call("list")));
  const { message } = decision as { message: { params: { _meta: object } } };
  await requireAttestation({ delegated: true }, () => 1)({ _meta: message.params._meta } as never);
  expect(events.map((event) => [event.type, "delegation" in event && event.delegation?.length])).toEqual([
    ["verification", 1],
    ["guard", 1],
    ["demand", 1],
  ]);
  const { thumbprint: keyThumbprint } = await importVerificationKey(child.key.toJwk());
  expect(events.at(-1)).toMatchObject({ delegation: [{ keyThumbprint }] });
  expect(JSON.stringify(events)).not.toContain(child.chain.slice(0, 60));
});

it("judges a handler's request by what the handler is given, over HTTP (SPEC-21.8)", async () => {
  const seen: string[] = [];
  const handler = attestHandler(
    {
      async fetch(request: Request) {
        seen.push(((await request.json()) as { params: { name: string } }).params.name);
        return new Response("{}");
      },
    } as never,
    guard,
    { reparsed: true },
  ) as unknown as { fetch(request: Request): Promise<Response> };
  for (const name of ["list", "transfer"]) {
    const body = JSON.stringify({ jsonrpc: "2.0", ...call(name) });
    const { attestation, proof } = await overHttp(child, body);
    const headers = {
      "Content-Type": "application/json",
      "Agent-Attestation": attestation as string,
      "Agent-Attestation-Proof": proof as string,
    };
    await handler.fetch(new Request(authority.audience, { method: "POST", body, headers }));
  }
  expect(seen).toEqual(["list"]);
});
