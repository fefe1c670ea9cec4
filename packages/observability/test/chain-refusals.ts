import { createHash } from "node:crypto";
import {
  type AttestationErrorCode,
  AttestationIssuer,
  createDelegation,
  createProof,
  type DelegationOptions,
  KeyPair,
  type TrustedIssuer,
  type VerificationRequest,
  type VerifierOptions,
} from "@attest/core";
import type { Case, World } from "./every-refusal.ts";

type ChainCode = Extract<AttestationErrorCode, `ERR_DELEGATION_${string}` | `ERR_NESTED_${string}`>;

const CALL = { kind: "message", method: "tools/call", params: { name: "close" } } as const;
const NOW = 1_800_000_000;
const hashOf = (text: string) => createHash("sha256").update(text).digest("base64url");
const segment = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");
const part = (token: string, index: number): Record<string, unknown> =>
  JSON.parse(Buffer.from(token.split(".")[index] ?? "", "base64url").toString());

interface Chain {
  readonly root: string;
  readonly link: string;
  readonly key: KeyPair;
}

/** A chain of one link, nothing of which may be seen. */
async function chainOf(w: World, options: Partial<DelegationOptions> = {}): Promise<Chain> {
  const key = await KeyPair.generate();
  w.canary.secret((await key.toPrivateJwk()).d);
  const { attestation: root } = await w.fresh();
  const { agentKey: signer, audience, clock } = w;
  const chain = await createDelegation({
    parent: root,
    signer,
    confirmationKey: key.toJwk(),
    audience,
    clock,
    ...options,
  });
  return { root, link: w.canary.secret(chain.split("~")[1] as string), key };
}

/** Presents a chain that was altered. */
async function present(w: World, chain: string, key: KeyPair, options: Partial<VerifierOptions> = {}) {
  const { audience, clock } = w;
  const proof = w.canary.secret(
    await createProof({ attestation: w.canary.secret(chain), signer: key, audience, request: CALL, clock }),
  );
  return w.verify({ maxDelegationDepth: 4, ...options }, chain, { ...CALL, proof } as VerificationRequest);
}

/** A link with another header or other claims, truly signed by the agent. */
const linked =
  (header: object, claims: (root: string) => object, options?: Partial<DelegationOptions>): Case =>
  async (w) => {
    const { root, link, key } = await chainOf(w, options);
    const input = `${segment({ ...part(link, 0), ...header })}.${segment({ ...part(link, 1), ...claims(root) })}`;
    const signature = Buffer.from(await w.agentKey.sign(Buffer.from(input))).toString("base64url");
    return present(w, `${root}~${input}.${signature}`, key);
  };

/** A provider's attestation, altered by an enterprise that embeds it without looking. */
const nested =
  (claims: (w: World) => Promise<object>): Case =>
  async (w) => {
    const issuer = "https://sso.corp.example";
    const signer = await KeyPair.generate();
    w.canary.secret((await signer.toPrivateJwk()).d);
    const corp: TrustedIssuer = {
      issuer,
      trustLevel: "enterprise",
      trustDomains: ["corp.example"],
      nested: true,
      keys: [signer.toJwk()],
    };
    const inner = await w.attestationWith({}, await claims(w));
    const token = await new AttestationIssuer({ issuer, signer, clock: w.clock }).createToken({
      identity: w.identity,
      subject: "spiffe://corp.example/agent/7",
      confirmationKey: w.agentKey.toJwk(),
      metadata: { attestationType: "enterprise", nestedAttestation: inner },
    });
    const proof = w.canary.secret(await w.prove(w.canary.secret(token), CALL));
    const [own] = w.observed.trustedIssuers;
    return w.verify({ trustedIssuers: [own, corp] }, token, { ...CALL, proof });
  };

/** How each code of chains and nested attestations comes about. */
export const CHAIN_CASES: Record<ChainCode, Case> = {
  ERR_NESTED_KEY: nested(async () => ({ cnf: { jwk: (await KeyPair.generate()).toJwk() } })),
  ERR_NESTED_AGENT: nested(async (w) => ({
    agent_identity: { model_family: "x", model_version: w.canary.secret("canary-model"), provider: "x" },
  })),
  ERR_NESTED_TWICE: nested(async (w) => {
    const { attestation } = await w.fresh();
    const metadata = part(attestation, 1)["attestation_metadata"] as object;
    return { attestation_metadata: { ...metadata, nested_attestation: "canary.canary.canary" } };
  }),

  ERR_DELEGATION_NOT_ALLOWED: async (w) => {
    const { root, link, key } = await chainOf(w);
    return present(w, `${root}~${link}`, key, { maxDelegationDepth: 0 });
  },
  ERR_DELEGATION_ROOT: async (w) => {
    const bearer = w.canary.secret(await w.attestBearer());
    const { link, key } = await chainOf(w);
    const input = `${segment(part(link, 0))}.${segment({ ...part(link, 1), parent: hashOf(bearer) })}`;
    const signature = Buffer.from(await w.agentKey.sign(Buffer.from(input))).toString("base64url");
    return present(w, `${bearer}~${input}.${signature}`, key);
  },
  ERR_DELEGATION_FORMAT: async (w) => {
    const { root, link, key } = await chainOf(w);
    return present(w, `${root}~${link}=`, key);
  },
  ERR_DELEGATION_HEADER: linked({ kid: "canary" }, () => ({})),
  ERR_DELEGATION_CLAIMS: linked({}, () => ({ allow: { canary: ["canary"] } })),
  ERR_DELEGATION_KEY: async (w) => {
    const jwk = await (await KeyPair.generate()).toPrivateJwk();
    w.canary.secret(jwk.d);
    return linked({}, () => ({ cnf: { jwk } }))(w);
  },
  ERR_DELEGATION_PARENT: linked({}, () => ({ parent: "A".repeat(43) })),
  ERR_DELEGATION_DEPTH: async (w) => {
    const first = await chainOf(w, { depth: 0 });
    const claims = { ...part(first.link, 1), parent: hashOf(first.link), jti: "canary-second", depth: 0 };
    const key = await KeyPair.generate();
    const input = `${segment(part(first.link, 0))}.${segment({ ...claims, cnf: { jwk: key.toJwk() } })}`;
    const signature = Buffer.from(await first.key.sign(Buffer.from(input))).toString("base64url");
    return present(w, `${first.root}~${first.link}~${input}.${signature}`, key);
  },
  ERR_DELEGATION_TIMES: linked({}, () => ({ exp: NOW + 3000 })),
  ERR_DELEGATION_EXPIRED: linked({}, () => ({ iat: NOW - 35, exp: NOW - 31 })),
  ERR_DELEGATION_AUDIENCE: async (w) =>
    linked({}, () => ({ aud: w.canary.word("https://canary-elsewhere.example") }))(w),
  ERR_DELEGATION_SIGNATURE: async (w) => {
    const { root, link, key } = await chainOf(w);
    return present(w, `${root}~${link.slice(0, -6)}AAAAAA`, key);
  },
  ERR_DELEGATION_SCOPE: linked({}, () => ({}), { allow: { tools: ["canary-tool-that-is-allowed"] } }),
};
