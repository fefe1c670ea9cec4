import {
  type AttestationErrorCode,
  AttestationIssuer,
  AttestationVerifier,
  createMacProof,
  createProof,
  encodeBase64url,
  InMemoryReplayCache,
  KeyPair,
  META_ATTESTATION,
  META_PROOF,
  type Observer,
  type Signer,
  TicketAsk,
  type TrustedIssuer,
  toolDigest,
  type VerificationRequest,
  type VerifierOptions,
} from "@attest/core";
import { createTestAuthority, type TestAuthority } from "@attest/core/testing";
import { AttestingAgent } from "@attest/mcp-client";
import { type AttestationDemand, AttestationGuard, attestServer, requireAttestation } from "@attest/mcp-server";
import { InMemoryTransport } from "@modelcontextprotocol/sdk/inMemory.js";
import { McpServer } from "@modelcontextprotocol/sdk/server/mcp.js";
import type { Canary } from "./canary.ts";
import { CHAIN_CASES } from "./chain-refusals.ts";

const NOW = 1_800_000_000;
const CALL = { kind: "message", method: "tools/call", params: { name: "close" } } as const;

export interface World extends TestAuthority {
  readonly canary: Canary;
  /** Options of a verifier that is observed. */
  readonly observed: VerifierOptions;
  /** A bound attestation and a proof for `CALL`, not used yet. */
  fresh(): Promise<{ attestation: string; proof: string }>;
  /** An attestation with another header or other claims, truly signed by the authority. */
  attestationWith(header: object, claims?: object, bearer?: boolean): Promise<string>;
  /** A proof with another header or other claims, truly signed by the agent. */
  proofWith(attestation: string, header: object, claims?: object): Promise<string>;
  verify(options: Partial<VerifierOptions>, token: unknown, request?: VerificationRequest): Promise<string | undefined>;
  /** Presents a good attestation with a proof of another make. */
  presenting(
    make: (attestation: string, proof: string) => string | Promise<string>,
    request?: object,
  ): Promise<string | undefined>;
}

/** An authority, an agent and a verifier of whom everything secret is marked and everything is observed. */
export async function createWorld(canary: Canary, observer: Observer): Promise<World> {
  const authority = await createTestAuthority({ clock: () => NOW });
  const { issuer, authorityKey, agentKey, clock } = authority;
  for (const key of [authorityKey, agentKey]) canary.secret((await key.toPrivateJwk()).d);
  const provider = new AttestationIssuer({ issuer, signer: authorityKey, clock, observer });
  const observed: VerifierOptions = { ...authority.verifierOptions, observer };
  const world: World = {
    ...authority,
    provider,
    canary,
    observed,
    async fresh() {
      const token = await provider.createToken({ identity: authority.identity, confirmationKey: agentKey.toJwk() });
      const attestation = canary.secret(token);
      return { attestation, proof: canary.secret(await authority.prove(attestation, CALL)) };
    },
    async attestationWith(header, claims = {}, bearer = false) {
      const good = bearer ? await authority.attestBearer() : await authority.attest();
      return canary.secret(
        await sign({ ...headerOf(good), ...header }, { ...claimsOf(good), ...claims }, authorityKey),
      );
    },
    async proofWith(attestation, header, claims = {}) {
      const good = await authority.prove(attestation, CALL);
      return canary.secret(await sign({ ...headerOf(good), ...header }, { ...claimsOf(good), ...claims }, agentKey));
    },
    async verify(options, token, request) {
      const verifier = new AttestationVerifier({ ...observed, allowBearer: true, ...options });
      const result = await verifier.verify(token, request);
      if (!result.verified) {
        const { message, ...told } = { message: undefined, ...result };
        canary.tell(told);
        canary.show(message);
      }
      return "code" in result ? result.code : undefined;
    },
    async presenting(make, request = CALL) {
      const { attestation, proof } = await world.fresh();
      const made = await make(attestation, proof);
      return world.verify({}, attestation, { ...request, proof: made } as VerificationRequest);
    },
  };
  return world;
}

function segment(value: object): string {
  return encodeBase64url(new TextEncoder().encode(JSON.stringify(value)));
}

async function sign(header: object, claims: object, signer: Signer): Promise<string> {
  const input = `${segment(header)}.${segment(claims)}`;
  return `${input}.${encodeBase64url(await signer.sign(new TextEncoder().encode(input)))}`;
}

const part = (token: string, index: number): Record<string, unknown> =>
  JSON.parse(Buffer.from(token.split(".")[index] ?? "", "base64url").toString());
const headerOf = (token: string) => part(token, 0);
const claimsOf = (token: string) => part(token, 1);

export type Case = (w: World) => Promise<string | undefined>;

const altered = (token: string): string =>
  `${token.slice(0, -10)}${token.at(-10) === "A" ? "B" : "A"}${token.slice(-9)}`;
/** A token whose first segment is this text. */
const headed = (token: string, json: string): string =>
  [encodeBase64url(new TextEncoder().encode(json)), ...token.split(".").slice(1)].join(".");
const throwing = (canary: Canary) => (): never => {
  throw new Error(canary.secret("canary-backend-redis://user:hunter2@10.0.0.7:6379"));
};

/** How each code comes about; for those that a peer cannot cause, why there is no case. */
export const CASES: Record<AttestationErrorCode, Case | string> = {
  ERR_OPTION: async ({ provider, canary, ...w }) => {
    const metadata = {
      capabilitiesDeclared: [7 as unknown as string],
      nestedAttestation: canary.secret(await w.attest()),
    };
    return codeOf(
      provider.createToken({ identity: w.identity, confirmationKey: w.agentKey.toJwk(), metadata }),
      canary,
    );
  },
  ERR_ALREADY_ATTESTED: "a mistake of the program that wraps a transport; it has no credentials at hand",
  ERR_GUARD_MISSING: async ({ canary }) => {
    const handler = requireAttestation({}, (_args: object, _context: object) => "ran");
    return codeOf(
      Promise.resolve(handler({}, { _meta: { [META_ATTESTATION]: canary.secret("canary".repeat(9)) } })),
      canary,
    );
  },
  ERR_CLOCK: async (w) => w.verify({ clock: () => Number.NaN }, ...(await presented(w))),
  ERR_INTERNAL: async (w) => {
    const [attestation, request] = await presented(w);
    return w.verify({}, attestation, Object.defineProperty({ ...request }, "accessToken", { get: throwing(w.canary) }));
  },
  ERR_KEY_FORMAT: "from importing keys, which is a matter of configuration; a peer's key gives ERR_CONFIRMATION_KEY",
  ERR_KEY_UNSUPPORTED: "as ERR_KEY_FORMAT",
  ERR_KEY_PRIVATE: async (w) => {
    const jwk = await (await KeyPair.generate()).toPrivateJwk();
    w.canary.secret(jwk.d);
    return codeOf(w.provider.createToken({ identity: w.identity, confirmationKey: jwk as never }), w.canary);
  },
  ERR_KEY_WEAK: "as ERR_KEY_FORMAT",
  ERR_KEY_DUPLICATE: "from key sources, which answer for it; to a verifier the source is unavailable",
  ERR_KEY_NOT_FOUND: async (w) => w.verify({}, await w.attestationWith({ kid: "another" }), CALL),
  ERR_KEY_SOURCE_UNAVAILABLE: async (w) =>
    w.verify({ keyResolver: { resolve: throwing(w.canary) } }, ...(await presented(w))),

  ERR_ATTESTATION_REQUIRED: async (w) => w.verify({}, undefined, CALL),
  ERR_ATTESTATION_SIZE: async (w) => w.verify({}, (await w.fresh()).attestation.repeat(12), CALL),
  ERR_ATTESTATION_FORMAT: async (w) => w.verify({}, `${(await w.fresh()).attestation}.more`, CALL),
  ERR_ATTESTATION_ENCODING: async (w) => w.verify({}, `${(await w.fresh()).attestation}=`, CALL),
  ERR_ATTESTATION_JSON: async (w) => w.verify({}, headed((await w.fresh()).attestation, "{"), CALL),
  ERR_ATTESTATION_DUPLICATE_MEMBER: async (w) =>
    w.verify({}, headed((await w.fresh()).attestation, '{"alg":"none","alg":"Ed25519"}'), CALL),
  ERR_ATTESTATION_HEADER: async (w) => {
    const jwk = await (await KeyPair.generate()).toPrivateJwk();
    w.canary.secret(jwk.d);
    return w.verify({}, await w.attestationWith({ jwk }), CALL);
  },
  ERR_ATTESTATION_TYP: async (w) => w.verify({}, await w.attestationWith({ typ: "at+jwt" }), CALL),
  ERR_ATTESTATION_ALG: async (w) => w.verify({}, await w.attestationWith({ alg: "none" }), CALL),
  ERR_BEARER_NOT_ALLOWED: async (w) => w.verify({ allowBearer: false }, w.canary.secret(await w.attestBearer()), CALL),
  ERR_ISSUER_UNTRUSTED: async (w) =>
    w.verify(
      {},
      await w.attestationWith({}, { iss: w.canary.word("https://canary-issuer-unconfigured.example") }),
      CALL,
    ),
  ERR_ATTESTATION_SIGNATURE: async (w) => w.verify({}, w.canary.secret(altered((await w.fresh()).attestation)), CALL),
  ERR_ATTESTATION_CLAIMS: async (w) => w.verify({}, await w.attestationWith({}, { jti: undefined }), CALL),
  ERR_ATTESTATION_VERSION: async (w) => {
    const metadata = claimsOf((await w.fresh()).attestation)["attestation_metadata"] as object;
    const changed = { attestation_metadata: { ...metadata, attestation_version: "9.9.9" } };
    return w.verify({}, await w.attestationWith({}, changed), CALL);
  },
  ERR_FORMAT_NOT_ALLOWED: async (w) => {
    const [trusted] = w.observed.trustedIssuers;
    const keys = [w.agentKey.toJwk()];
    const other: TrustedIssuer = { ...trusted, issuer: "https://other.example", trustDomains: ["other.example"], keys };
    const trustedIssuers = [
      { ...trusted, formats: ["bearer"] as const },
      other,
    ] satisfies VerifierOptions["trustedIssuers"];
    return w.verify({ trustedIssuers }, ...(await presented(w)));
  },
  ERR_BEARER_CONFIRMATION: async (w) => {
    const cnf = { jwk: w.agentKey.toJwk() };
    return w.verify({}, await w.attestationWith({}, { cnf }, true), CALL);
  },
  ERR_CONFIRMATION_KEY: async (w) => {
    const jwk = await w.agentKey.toPrivateJwk();
    return w.verify({}, await w.attestationWith({}, { cnf: { jwk } }), CALL);
  },
  ERR_ATTESTATION_EXPIRED: async (w) => w.verify({ clock: () => NOW + 4000 }, ...(await presented(w))),
  ERR_ATTESTATION_NOT_YET_VALID: async (w) => w.verify({ clock: () => NOW - 400 }, ...(await presented(w))),
  ERR_ATTESTATION_LIFETIME: async (w) => w.verify({ maxLifetime: { attestation: 60 } }, ...(await presented(w))),
  ERR_ATTESTATION_AUDIENCE: async (w) =>
    w.verify({}, await w.attestationWith({}, { aud: "https://other.example" }), CALL),
  ERR_ATTESTATION_AUDIENCES: async (w) =>
    w.verify({}, await w.attestationWith({}, { aud: [w.audience, "https://other.example"] }), CALL),
  ERR_ATTESTATION_SUBJECT: async (w) =>
    w.verify({}, await w.attestationWith({}, { sub: w.canary.secret("canary-subject-somebody") }), CALL),
  ERR_TRUST_DOMAIN: async (w) =>
    w.verify({}, await w.attestationWith({}, { sub: w.canary.word("spiffe://canary-domain.example/model/x") }), CALL),
  ERR_ATTESTATION_TYPE: async (w) => {
    const [trusted] = w.verifierOptions.trustedIssuers;
    return w.verify({ trustedIssuers: [{ ...trusted, trustLevel: "enterprise" }] }, ...(await presented(w)));
  },
  ERR_CLAIM_REQUIRED: async (w) => w.verify({ requiredClaims: ["agent_integrity"] }, ...(await presented(w))),
  ERR_REVOKED: async (w) => w.verify({ isRevoked: () => true }, ...(await presented(w))),
  ERR_REVOCATION_UNAVAILABLE: async (w) => w.verify({ isRevoked: throwing(w.canary) }, ...(await presented(w))),

  ...CHAIN_CASES,

  ERR_PROOF_REQUIRED: async (w) => w.verify({}, (await w.fresh()).attestation, CALL),
  ERR_PROOF_UNEXPECTED: async (w) => w.verify({}, undefined, { ...CALL, proof: (await w.fresh()).proof }),
  ERR_PROOF_REQUEST: async (w) => {
    const { attestation, proof } = await w.fresh();
    return w.verify({}, attestation, { proof } as never);
  },
  ERR_PROOF_SIZE: async (w) => w.presenting((_, proof) => proof.repeat(6)),
  ERR_PROOF_FORMAT: async (w) => w.presenting((_, proof) => `${proof}.more`),
  ERR_PROOF_ENCODING: async (w) => w.presenting((_, proof) => `${proof}=`),
  ERR_PROOF_JSON: async (w) => w.presenting((_, proof) => headed(proof, "[]")),
  ERR_PROOF_DUPLICATE_MEMBER: async (w) => w.presenting((_, proof) => headed(proof, '{"typ":"a","typ":"b"}')),
  ERR_PROOF_HEADER: async (w) => w.presenting((attestation) => w.proofWith(attestation, { crit: ["b64"] })),
  ERR_PROOF_TYP: async (w) => w.presenting((attestation) => w.proofWith(attestation, { typ: "dpop+jwt" })),
  ERR_PROOF_ALG: async (w) => w.presenting((attestation) => w.proofWith(attestation, { alg: "ES256" })),
  ERR_PROOF_SIGNATURE: async (w) => w.presenting((_, proof) => w.canary.secret(altered(proof))),
  ERR_PROOF_CLAIMS: async (w) => w.presenting((attestation) => w.proofWith(attestation, {}, { jti: "short" })),
  ERR_PROOF_CARRIER: async (w) => w.presenting((attestation) => w.proofWith(attestation, {}, { htm: "POST" })),
  ERR_PROOF_ATTESTATION: async (w) => w.presenting(async () => (await w.fresh()).proof),
  ERR_PROOF_AUDIENCE: async (w) =>
    w.presenting((attestation) =>
      w.proofWith(attestation, {}, { aud: w.canary.word("https://canary-audience.example") }),
    ),
  ERR_PROOF_TIME: async (w) => w.presenting((attestation) => w.proofWith(attestation, {}, { iat: NOW - 1000 })),
  ERR_PROOF_METHOD: async (w) =>
    w.presenting((attestation) => proofFor(w, attestation, { kind: "http", method: "POST" }), {
      kind: "http",
      method: "GET",
    }),
  ERR_PROOF_DIGEST: async (w) => w.presenting((_, proof) => proof, { ...CALL, params: { name: "transfer" } }),
  ERR_PROOF_SESSION: async (w) =>
    w.presenting((_, proof) => proof, { ...CALL, sessionId: w.canary.secret("canary-session-0123456789") }),
  ERR_PROOF_ACCESS_TOKEN: async (w) =>
    w.presenting((_, proof) => proof, { ...CALL, accessToken: w.canary.secret("canary-access-token-0123456789") }),

  ERR_NESTED_TWICE: "as ERR_ATTESTATION_CLAIMS, of an attestation within; the core's own tests show it",
  ERR_NESTED_KEY: "as ERR_NESTED_TWICE",
  ERR_NESTED_AGENT: "as ERR_NESTED_TWICE",

  ERR_TICKETS_OFF: async (w) => ticketed(w, { verifies: { tickets: false } }),
  ERR_TICKET_UNKNOWN: async (w) => ticketed(w, { verifies: {} }),
  ERR_TICKET_EXPIRED: async (w) => ticketed(w, { clock: () => NOW + 300 }),
  ERR_TICKET_AUDIENCE: async (w) => ticketed(w, { verifies: { ...ringed(), audience: "https://other.example/mcp" } }),
  ERR_TICKET_HOLDER: async (w) => ticketed(w, { holder: await KeyPair.generate() }),
  ERR_TICKET_MAC: async (w) => ticketed(w, { made: altered }),
  ERR_SIGNATURE_REQUIRED: async (w) => ticketed(w, { request: { signature: true } }),

  ERR_REPLAY: async (w) => {
    const replayCache = new InMemoryReplayCache();
    const used = await presented(w);
    await w.verify({ replayCache }, ...used);
    return w.verify({ replayCache }, ...used);
  },
  ERR_REPLAY_BEFORE_START: async (w) => {
    const [token, request] = await presented(w);
    return w.verify({ replayCache: new InMemoryReplayCache({ clock: () => NOW }) }, token, {
      ...request,
      overHttp: true,
    });
  },
  ERR_REPLAY_EXPIRY: "thrown at caches that are held wrong; to a verifier the cache is unavailable",
  ERR_REPLAY_CACHE_FULL: async (w) => {
    const replayCache = new InMemoryReplayCache({ maxEntries: 1 });
    await w.verify({ replayCache }, ...(await presented(w)));
    return w.verify({ replayCache }, ...(await presented(w)));
  },
  ERR_REPLAY_CACHE_UNAVAILABLE: async (w) =>
    w.verify({ replayCache: { scope: "process", consume: throwing(w.canary) } }, ...(await presented(w))),

  ERR_CARRIER: async (w) => {
    const { attestation, proof } = await w.fresh();
    return guarded(w, { attestation, proof }, { method: "POST", attestation, proof });
  },
  ERR_AUTHORIZATION: "about a field that no event or answer repeats; the guard's own tests show it",
  ERR_REQUEST_ID: "from a connection that several agents share; it has no credentials at hand",
  ERR_TASK_OWNER: "as ERR_REQUEST_ID",
  ERR_GATE_MISSING: "a mistake of the program that mounts the guard; it has no credentials at hand",
  ERR_BODY_CONSUMED: "as ERR_GATE_MISSING",
  ERR_SESSION_OWNER: async (w) => {
    const guard = new AttestationGuard({ ...w.observed });
    const session = guard.createSession();
    const initialize = { kind: "message", method: "initialize", params: {} } as const;
    await checked(w, guard, initialize, w.agentKey, session);
    return checked(w, guard, CALL, await KeyPair.generate(), session);
  },
  ERR_SESSION_EXPIRED: async (w) => {
    let now = NOW;
    const guard = new AttestationGuard({ ...w.observed, allowBearer: true, clock: () => now });
    const session = guard.createSession();
    const token = w.canary.secret(await w.attestBearer());
    const experimental = { "security.attestation": { version: "0.1.0", token } };
    const params = { capabilities: { experimental } };
    await guard.check({ jsonrpc: "2.0", id: 1, method: "initialize", params }, session);
    now += 3601;
    w.canary.tell(await guard.check({ jsonrpc: "2.0", id: 2, method: "tools/list" }, session));
    return lastCode(w.canary, "guard");
  },
  ERR_DEMAND: async (w) => demanded(w, { check: () => false }),
  ERR_DEFINITION_REQUIRED: async (w) => demanded(w, { definition: { name: "close" } }),
  ERR_DEFINITION_MISMATCH: async (w) =>
    demanded(w, { definition: { name: "close" } }, async (attestation) =>
      w.proofWith(attestation, {}, { tool_digest: await toolDigest({ name: "other" }) }),
    ),
  ERR_DEFINITION_UNAVAILABLE: async (w) => demanded(w, { definition: throwing(w.canary) }),
  ERR_SOURCE_UNAVAILABLE: async (w) => {
    const agent = new AttestingAgent({ source: { getAttestation: async () => throwing(w.canary)() } });
    return codeOf(agent.credentialsFor(w.audience, CALL), w.canary);
  },
};

/** Calls a tool that demands this, with the honest proof unless another is made. */
async function demanded(
  w: World,
  demand: AttestationDemand,
  prove?: (attestation: string) => Promise<string>,
): Promise<string | undefined> {
  const server = attestServer(new McpServer({ name: "bank", version: "1" }), new AttestationGuard({ ...w.observed }));
  server.registerTool(
    "close",
    {},
    requireAttestation(demand, () => ({ content: [] })),
  );
  const [client, end] = InMemoryTransport.createLinkedPair();
  await server.connect(end);
  const { attestation, proof } = await w.fresh();
  const answer = new Promise((resolve) => {
    client.onmessage = resolve;
  });
  await client.start();
  await client.send(messageOf(attestation, (await prove?.(attestation)) ?? proof) as never);
  w.canary.tell(await answer);
  await server.close();
  return lastCode(w.canary, "demand");
}

/** Options of verifiers with one ring. */
const ringed = () => ({
  tickets: { ring: [new Uint8Array(32)] },
  replayCache: { scope: "shared", consume: () => true } as const,
});

/** Presents a MAC proof under a ticket that was really granted, with one thing changed. */
async function ticketed(
  w: World,
  change: {
    verifies?: Partial<VerifierOptions>;
    clock?: () => number;
    holder?: KeyPair;
    request?: object;
    made?: (proof: string) => string;
  },
): Promise<string | undefined> {
  const { agentKey: signer, audience, canary } = w;
  const { attestation } = await w.fresh();
  let now = w.clock;
  const options = { ...w.observed, ...ringed(), clock: () => now() };
  const granting = new AttestationVerifier(options);
  const ask = await TicketAsk.begin();
  const asking = { attestation, signer, audience, request: CALL, clock: now, ticketKey: ask.epk };
  const proof = canary.secret(await createProof(asking));
  const verified = await granting.verify(attestation, { ...CALL, proof });
  const grant = verified.verified ? await granting.grantTicket(verified) : undefined;
  const ticket = await ask.complete(grant, { proof, audience, thumbprint: signer.kid });
  if (!ticket) throw new Error("No ticket was granted");
  canary.secret(ticket.text);
  now = change.clock ?? now;
  const holder = change.holder;
  const token = holder ? canary.secret(await w.attest({ confirmationKey: holder.toJwk() } as never)) : attestation;
  const mac = await createMacProof({ attestation: token, ticket, audience, request: CALL, clock: now });
  const request = { ...CALL, ...change.request, proof: canary.secret((change.made ?? ((text) => text))(mac)) };
  const verifier = change.verifies ? new AttestationVerifier({ ...w.observed, ...change.verifies }) : granting;
  const result = await verifier.verify(token, request);
  canary.tell({ ...result, message: undefined });
  return "code" in result ? result.code : undefined;
}

async function presented(w: World): Promise<[string, VerificationRequest]> {
  const { attestation, proof } = await w.fresh();
  return [attestation, { ...CALL, proof }];
}

function messageOf(attestation: string, proof: string): object {
  const { method, params } = CALL;
  return {
    jsonrpc: "2.0",
    id: 1,
    method,
    params: { ...params, _meta: { [META_ATTESTATION]: attestation, [META_PROOF]: proof } },
  };
}

async function proofFor(
  w: World,
  attestation: string,
  request: Parameters<typeof createProof>[0]["request"],
): Promise<string> {
  const { agentKey: signer, audience, clock } = w;
  return w.canary.secret(await createProof({ attestation, signer, audience, request, clock }));
}

async function guarded(
  w: World,
  own: { attestation: string; proof: string },
  http: object,
): Promise<string | undefined> {
  const guard = new AttestationGuard({ ...w.observed });
  w.canary.tell(await guard.check(messageOf(own.attestation, own.proof), undefined, http as never));
  return lastCode(w.canary, "guard");
}

async function checked(
  w: World,
  guard: AttestationGuard,
  request: { kind: "message"; method: string; params: object },
  signer: KeyPair,
  session: ReturnType<AttestationGuard["createSession"]>,
): Promise<string | undefined> {
  const { audience, clock, canary } = w;
  const attestation = canary.secret(await w.attest({ confirmationKey: signer.toJwk() } as never));
  const proof = canary.secret(await createProof({ attestation, signer, audience, request, clock }));
  const params = { ...request.params, _meta: { [META_ATTESTATION]: attestation, [META_PROOF]: proof } };
  const decision = await guard.check({ jsonrpc: "2.0", id: 1, method: request.method, params }, session);
  if (decision.action !== "forward") canary.tell(decision);
  return lastCode(canary, "guard");
}

/** The code of the last event of a type that was told. */
function lastCode(canary: Canary, type: string): string | undefined {
  const told = canary.told.split("\n").filter((line) => line.startsWith(`{"type":"${type}"`));
  return JSON.parse(told.at(-1) ?? "{}").code;
}

/** The code of what is thrown, which a log would show. */
async function codeOf(failing: Promise<unknown>, canary: Canary): Promise<string | undefined> {
  try {
    await failing;
    return undefined;
  } catch (error) {
    canary.tell(error);
    return (error as { code?: string }).code;
  }
}
