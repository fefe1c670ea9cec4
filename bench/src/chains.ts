import { AttestationVerifier, createDelegation, createProof, KeyPair } from "@attest/core";
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

/** What a sub-agent's message costs a server: once its chain is cached, and the first time. */
export async function measureChains(material: Material): Promise<{ costs: Cost[]; rows: Row[] }> {
  const { authority, rawVerification } = material;
  const guardAt = (live: number): AttestationGuard =>
    new AttestationGuard({
      verifier: new AttestationVerifier({
        ...authority.verifierOptions,
        maxDelegationDepth: 4,
        ...(live > 0 && { replayCache: filledCache(live) }),
      }),
    });
  const known = guardAt(LIVE);
  const root: Held = { attestation: material.attestation, signer: authority.agentKey };
  const chain = await delegated(material, root, LINKS);
  const cached = await compare(
    [
      repeated(material, known, "guard, HTTP 1.2 KB, an attestation that is cached", root),
      repeated(material, known, `guard, HTTP 1.2 KB, a chain of ${LINKS} links that is cached`, chain),
    ],
    { rounds: ROUNDS, count: COUNT },
  );
  const depths = [1, LINKS];
  const first = await compare([rawVerification, ...depths.map((links) => unseen(material, guardAt(0), links))], {
    rounds: ROUNDS,
    count: FRESH,
  });
  const cpu = (costs: readonly Cost[], index: number) => costs[index]?.cpu ?? Number.NaN;
  return {
    costs: [...cached, ...first],
    rows: [
      {
        path: `cached chain of ${LINKS} links ÷ cached attestation, HTTP 1.2 KB (CPU)`,
        unit: "times",
        measured: cpu(cached, 1) / cpu(cached, 0),
        must: 1.15,
        aim: 1.05,
        better: "smaller",
      },
      ...depths.map(
        (links, i): Row => ({
          path: `first message of a chain of ${links} link${links === 1 ? "" : "s"} (CPU)`,
          unit: "raw verifies",
          measured: cpu(first, i + 1) / cpu(first, 0),
          must: links + 2.2,
          aim: links + 2.2,
          limit: links + 2,
          better: "smaller",
        }),
      ),
    ],
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
