import {
  createPublicKey,
  generateKeyPairSync,
  type JsonWebKey,
  type KeyObject,
  randomBytes,
  sign,
  verify,
} from "node:crypto";
import { AttestationVerifier, createDelegation, createProof, KeyPair, type ReplayCache } from "@attest/core";
import { AttestationGuard } from "@attest/mcp-server";
import { asReceived, FULL, filledCache, type Material } from "./material.ts";
import { type Cost, compare, type Variant } from "./measure.ts";
import type { Row } from "./row.ts";

const COUNT = 2000;
/** Of chains that nobody has seen: each needs keys and signatures of its own before it can be measured. */
const FRESH = 200;
const ROUNDS = 11;
const LIVE = 1_000_000;
const LINKS = 3;

/** A call of about 1.2 KB, which each link of the chains here allows. */
const MESSAGE = {
  jsonrpc: "2.0",
  id: 1,
  method: "tools/call",
  params: { name: "search", arguments: { query: "x".repeat(1100) } },
};
const BODY = new TextEncoder().encode(JSON.stringify(MESSAGE));

/** An attestation or a chain, with the key that proves it. */
interface Held {
  readonly attestation: string;
  readonly signer: KeyPair;
}

/** What a sub-agent's message costs a server once its chain is cached. */
export async function measureCachedChains(material: Material): Promise<{ costs: Cost[]; rows: Row[] }> {
  const guard = guardFor(material, { replayCache: filledCache(LIVE) });
  const root: Held = { attestation: material.attestation, signer: material.authority.agentKey };
  const chain = await delegated(material, root, LINKS);
  const costs = await compare(
    [
      repeated(material, guard, "guard, HTTP 1.2 KB, an attestation that is cached", root),
      repeated(material, guard, `guard, HTTP 1.2 KB, a chain of ${LINKS} links that is cached`, chain),
    ],
    { rounds: ROUNDS, count: COUNT },
  );
  const [attestation, cached] = costs.map(({ cpu }) => cpu);
  return {
    costs,
    rows: [
      {
        path: `cached chain of ${LINKS} links ÷ cached attestation, HTTP 1.2 KB (CPU)`,
        unit: "times",
        measured: (cached ?? Number.NaN) / (attestation ?? Number.NaN),
        must: 1.15,
        aim: 1.05,
        better: "smaller",
      },
    ],
  };
}

/** What the first message of a sub-agent costs a server, which has seen nothing of its chain. */
export async function measureFirstMessages(material: Material): Promise<{ costs: Cost[]; rows: Row[] }> {
  const depths = [1, LINKS];
  const costs = await compare(
    [
      material.rawVerification,
      ...depths.flatMap((links) => [alone(links), unseen(material, guardFor(material), links)]),
    ],
    { rounds: ROUNDS, count: FRESH },
  );
  const raw = costs[0]?.cpu ?? Number.NaN;
  const rows = depths.map((links, i): Row => {
    const [limit = Number.NaN, ours = Number.NaN] = costs.slice(1 + 2 * i).map(({ cpu }) => cpu);
    return {
      path: `first message of a chain of ${links} link${links === 1 ? "" : "s"} (CPU)`,
      unit: "raw verifies",
      measured: ours / raw,
      must: links + 2.2,
      aim: links + 2.2,
      limit: limit / raw,
      better: "smaller",
    };
  });
  return { costs, rows };
}

function guardFor({ authority }: Material, options: { readonly replayCache?: ReplayCache } = {}): AttestationGuard {
  const verifier = new AttestationVerifier({ ...authority.verifierOptions, maxDelegationDepth: 4, ...options });
  return new AttestationGuard({ verifier });
}

/**
 * The signatures of such a message and nothing else: the authority's, by a key that is prepared, and the root's, each link's and the
 * proof's, by keys that have to be taken from their JWKs first.
 */
function alone(links: number): Variant {
  const authority = generateKeyPairSync("ed25519");
  const data = randomBytes(900);
  const signed = (privateKey: KeyObject) => ({ data, signature: sign(null, data, privateKey) });
  const attestation = signed(authority.privateKey);
  let chains: { readonly jwk: JsonWebKey; readonly signature: Buffer }[][] = [];
  const make = () => {
    const { publicKey, privateKey } = generateKeyPairSync("ed25519");
    return { jwk: publicKey.export({ format: "jwk" }), ...signed(privateKey) };
  };
  return {
    name: `the signatures of a chain of ${links} link${links === 1 ? "" : "s"} by themselves`,
    async prepare(count) {
      chains = Array.from({ length: count }, () => Array.from({ length: links + 1 }, make));
    },
    run(count) {
      for (let i = 0; i < count; i++) {
        let holds = verify(null, data, authority.publicKey, attestation.signature);
        for (const { jwk, signature } of chains.pop() ?? []) {
          holds &&= verify(null, data, createPublicKey({ key: jwk, format: "jwk" }), signature);
        }
        if (!holds) throw new Error("A signature did not verify");
      }
    },
  };
}

/** What a sub-agent holds that many links below an agent, each of which allows no more than it needs. */
async function delegated({ authority }: Material, root: Held, links: number): Promise<Held> {
  let held = root;
  for (let i = 0; i < links; i++) {
    const signer = await KeyPair.generate();
    const attestation = await createDelegation({
      parent: held.attestation,
      signer: held.signer,
      confirmationKey: signer.toJwk(),
      audience: authority.audience,
      allow: { tools: ["search"] },
      clock: authority.clock,
    });
    held = { attestation, signer };
  }
  return { ...held, attestation: asReceived(held.attestation) };
}

/** One message by what is held, signed. */
async function prove({ authority }: Material, { attestation, signer }: Held): Promise<string> {
  const request = { kind: "http", method: "POST", body: BODY } as const;
  const { audience, clock } = authority;
  return asReceived(await createProof({ attestation, signer, audience, request, clock }));
}

async function check(guard: AttestationGuard, attestation: string, proof: string): Promise<void> {
  const decision = await guard.check(MESSAGE, undefined, { method: "POST", body: BODY, attestation, proof });
  if (decision.action !== "forward") throw new Error("An honest message was refused");
}

/** Message after message by one agent. */
function repeated(material: Material, guard: AttestationGuard, name: string, held: Held): Variant {
  let proofs: string[] = [];
  return {
    name,
    async prepare(count) {
      proofs = await Promise.all(Array.from({ length: count }, () => prove(material, held)));
    },
    async run(count) {
      for (let i = 0; i < count; i++) await check(guard, held.attestation, proofs.pop() as string);
    },
  };
}

/** The first message of one sub-agent after another, each of another attested agent. */
function unseen(material: Material, guard: AttestationGuard, links: number): Variant {
  const { authority } = material;
  let uses: { attestation: string; proof: string }[] = [];
  const make = async (): Promise<(typeof uses)[number]> => {
    const signer = await KeyPair.generate();
    const attestation = await authority.attest({ ...FULL, confirmationKey: signer.toJwk() });
    const held = await delegated(material, { attestation, signer }, links);
    return { attestation: held.attestation, proof: await prove(material, held) };
  };
  return {
    name: `guard, HTTP 1.2 KB, a chain of ${links} link${links === 1 ? "" : "s"} that nobody has seen`,
    async prepare(count) {
      uses = await Promise.all(Array.from({ length: count }, make));
    },
    async run(count) {
      for (let i = 0; i < count; i++) {
        const { attestation, proof } = uses.pop() as (typeof uses)[number];
        await check(guard, attestation, proof);
      }
    },
  };
}
