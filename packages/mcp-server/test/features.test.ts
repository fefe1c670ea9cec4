import { EventEmitter, once } from "node:events";
import {
  createProof,
  EXTENSION,
  META_ATTESTATION,
  META_PROOF,
  type StatusSource,
  type TrustedIssuer,
  type VerifierOptions,
} from "@attest/core";
import { createTestAuthority, type TestAuthority } from "@attest/core/testing";
import { AttestationGuard, attestServerTransport, type GuardOptions } from "@attest/mcp-server";
import { beforeAll, describe, expect, it } from "vitest";

const CAPABILITY = "security.attestation";
type Json = Record<string, unknown>;

let authority: TestAuthority;
beforeAll(async () => {
  authority = await createTestAuthority();
});

type Options = Partial<VerifierOptions> & Pick<GuardOptions, "enforce" | "signatures">;
const guardWith = (options: Options = {}) => new AttestationGuard({ ...authority.verifierOptions, ...options });
/** The authority is trusted, and another one like it, changed. */
const andAnother = (change: Partial<TrustedIssuer>): Options => {
  const [issuer] = authority.verifierOptions.trustedIssuers as [TrustedIssuer];
  const keys = [{ ...authority.authorityKey.toJwk(), kid: "corp-1", alg: "Ed25519" }] as const;
  const other: TrustedIssuer = { ...issuer, issuer: "https://corp.example", keys, trustDomains: ["corp.example"] };
  return { trustedIssuers: [issuer, { ...other, ...change }] };
};

/** What a server behind a guard answers to one message. */
async function answerTo(guard: AttestationGuard, message: Json): Promise<Json> {
  const sent = new EventEmitter();
  const inner = {
    onmessage: undefined as ((message: Json) => void) | undefined,
    send: async (answer: unknown) => void sent.emit("answer", answer),
  };
  const served = attestServerTransport(inner, guard);
  served.onmessage = (request: Json) =>
    void served.send({ jsonrpc: "2.0", id: request["id"], result: { capabilities: {} } });
  const answered = once(sent, "answer");
  inner.onmessage?.(message);
  return (await answered)[0];
}

async function attested(method: string, params: Json): Promise<Json> {
  const { audience, agentKey: signer } = authority;
  const attestation = await authority.attest();
  const request = { kind: "message", method, params } as const;
  const proof = await createProof({ attestation, signer, audience, request });
  const _meta = { ...(params["_meta"] as Json), [META_ATTESTATION]: attestation, [META_PROOF]: proof };
  return { jsonrpc: "2.0", id: 1, method, params: { ...params, _meta } };
}

/** The features in both declarations of a guard. */
async function featuresOf(guard: AttestationGuard): Promise<readonly unknown[]> {
  const initialized = await answerTo(guard, await attested("initialize", {}));
  const discovered = await answerTo(guard, { jsonrpc: "2.0", id: 1, method: "server/discover" });
  return [
    at(initialized, "result", "capabilities", "experimental", CAPABILITY, "features"),
    at(discovered, "result", "capabilities", "extensions", EXTENSION, "features"),
  ];
}

const at = (value: unknown, ...path: string[]): unknown =>
  path.reduce((inside, name) => (inside as Json | undefined)?.[name], value);

const statusSource: StatusSource = { check: () => "valid" };
const lists = () => ({ ...andAnother({ statusLists: ["https://corp.example/status/1"] }), statusSource });

describe("the features that a guard declares", () => {
  it.each<[string, () => Options, readonly string[]]>([
    ["nothing but what is on by default", () => ({}), ["tickets"]],
    ["sub-agents", () => ({ maxDelegationDepth: 1 }), ["tickets", "delegation"]],
    [
      "an issuer whose nested attestations count",
      () => andAnother({ trustLevel: "enterprise", nested: true }),
      ["tickets", "nested"],
    ],
    ["an issuer with status lists", lists, ["tickets", "status"]],
    ["no tickets", () => ({ tickets: false }), []],
    ["signatures for everything", () => ({ signatures: true }), []],
    ["signatures for one tool", () => ({ signatures: { tools: ["transfer"] } }), ["tickets"]],
    ["reports only", () => ({ enforce: false, maxDelegationDepth: 2 }), ["delegation"]],
  ])("are those that it is configured for: %s (SPEC-4.33)", async (_, options, expected) => {
    expect(await featuresOf(guardWith(options()))).toEqual([expected, expected]);
  });
});

describe("the features that a client declares", () => {
  it.each<[string, unknown]>([
    ["are absent", undefined],
    ["are no list", "tickets"],
    ["name nothing", []],
    ["name what nobody knows", ["tickets", "teleportation", 7, null]],
    ["are an object", { length: 4, includes: true }],
  ])("decide nothing: they %s (SPEC-4.34)", async (_, features) => {
    const declared = { version: "0.2.0", ...(features !== undefined && { features }) };
    const guard = guardWith();
    const initialize = await attested("initialize", { capabilities: { experimental: { [CAPABILITY]: declared } } });
    const answer = await answerTo(guard, initialize);
    expect(at(answer, "result", "capabilities", "experimental", CAPABILITY)).toMatchObject({
      verification_status: "verified",
      features: ["tickets"],
    });
    const _meta = {
      "io.modelcontextprotocol/protocolVersion": "2026-07-28",
      "io.modelcontextprotocol/clientCapabilities": { extensions: { [EXTENSION]: declared } },
    };
    const called = await answerTo(guard, await attested("tools/call", { name: "list", _meta }));
    expect(at(called, "result", "_meta", "io.github.attest/status")).toMatchObject({ verification_status: "verified" });
  });
});
