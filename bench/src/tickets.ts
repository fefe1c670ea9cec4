import {
  AttestationVerifier,
  createMacProof,
  createProof,
  META_ATTESTATION,
  META_PROOF,
  type ProofRequest,
  type Ticket,
  TicketAsk,
} from "@attest/core";
import { AttestationGuard } from "@attest/mcp-server";
import { asReceived, filledCache, type Material } from "./material.ts";
import { type Cost, compare, type Variant } from "./measure.ts";
import type { Row } from "./row.ts";
import { toolCall } from "./tool-call.ts";

const COUNT = 2000;
const ROUNDS = 11;
const GRANTS = 200;
const LIVE = 1_000_000;
/** What a message costs whose proof is a MAC under a ticket, against a signature, and against what a signed one costs. */
export async function measureTickets(material: Material): Promise<{ costs: Cost[]; rows: Row[] }> {
  const { authority, rawVerification, attestation } = material;
  const { audience, clock, agentKey: signer } = authority;
  const verifier = new AttestationVerifier({ ...authority.verifierOptions, replayCache: filledCache(LIVE) });
  const guard = new AttestationGuard({ verifier });
  const ticket = await ticketFrom(material, verifier);

  const made = async (request: ProofRequest, by: "mac" | "signature") =>
    asReceived(
      by === "mac"
        ? await createMacProof({ attestation, ticket, audience, request, clock })
        : await createProof({ attestation, signer, audience, request, clock }),
    );
  const message = toolCall({ sorted: true });
  const body = new TextEncoder().encode(JSON.stringify(message));
  const checking = (name: string, by: "mac" | "signature", how: "HTTP" | "sorted" | "unsorted"): Variant => {
    const { method, params, ...frame } = toolCall({ sorted: how !== "unsorted" });
    const request: ProofRequest =
      how === "HTTP" ? { kind: "http", method: "POST", body } : { kind: "message", method, params };
    let proofs: string[] = [];
    return {
      name,
      async prepare(count) {
        proofs = await Promise.all(Array.from({ length: count }, () => made(request, by)));
      },
      async run(count) {
        for (let i = 0; i < count; i++) {
          const proof = proofs.pop() as string;
          const inBand = { [META_ATTESTATION]: attestation, [META_PROOF]: proof };
          const decision = await (how === "HTTP"
            ? guard.check(message, undefined, { method: "POST", body, attestation, proof })
            : guard.check({ ...frame, method, params: { ...params, _meta: inBand } }));
          if (decision.action !== "forward") throw new Error("An honest message was refused");
        }
      },
    };
  };
  const verified = await compare(
    [
      rawVerification,
      checking("guard, HTTP 1.2 KB, MAC", "mac", "HTTP"),
      checking("guard, HTTP 1.2 KB, signature", "signature", "HTTP"),
      checking("guard, in the message, members in order, MAC", "mac", "sorted"),
      checking("guard, in the message, members as they come, MAC", "mac", "unsorted"),
    ],
    { rounds: ROUNDS, count: COUNT },
  );
  const cpu = (index: number) => verified[index]?.cpu ?? Number.NaN;
  const times = (measured: number, path: string, must: number, aim: number): Row => ({
    path,
    unit: "times",
    measured,
    must,
    aim,
    better: "greater",
  });
  return {
    costs: verified,
    rows: [
      times(verified[1]?.cpuRatio ?? Number.NaN, "raw verify ÷ MAC-proved request, HTTP 1.2 KB (CPU)", 4.5, 6.5),
      times(verified[3]?.cpuRatio ?? Number.NaN, "raw verify ÷ MAC-proved message, members in order (CPU)", 3.2, 5),
      times(verified[4]?.cpuRatio ?? Number.NaN, "raw verify ÷ MAC-proved message, members as they come (CPU)", 2.2, 4),
      times(cpu(2) / cpu(1), "signed path ÷ MAC path, HTTP (CPU)", 4.5, 7),
    ],
  };
}

/** What a grant costs, which an agent asks for once in some minutes. */
export async function measureGrants(material: Material): Promise<{ costs: Cost[]; rows: Row[] }> {
  const granted = await compare([material.rawVerification, granting(material)], { rounds: ROUNDS, count: GRANTS });
  const [raw, grant] = granted.map(({ cpu }) => cpu);
  return {
    costs: granted,
    rows: [
      {
        path: "grant, once per ticket (CPU)",
        unit: "raw verifies",
        measured: (grant ?? Number.NaN) / (raw ?? Number.NaN),
        must: 2.5,
        aim: 1.5,
        better: "smaller",
      },
    ],
  };
}

/** A ticket that a verifier granted, as its agent holds it. */
async function ticketFrom({ authority, attestation }: Material, verifier: AttestationVerifier): Promise<Ticket> {
  const { audience, clock, agentKey: signer } = authority;
  const request = { kind: "http", method: "POST" } as const;
  const ask = await TicketAsk.begin();
  const proof = await createProof({ attestation, signer, audience, request, clock, ticketKey: ask.epk });
  const result = await verifier.verify(attestation, { ...request, proof });
  const grant = result.verified ? await verifier.grantTicket(result) : undefined;
  const ticket = await ask.complete(grant, { proof, audience, thumbprint: signer.kid });
  if (!ticket) throw new Error("No ticket was granted");
  return ticket;
}

/** Grants, each to a key of its own, since one key is granted four in a second. */
function granting({ authority }: Material): Variant {
  const verifier = new AttestationVerifier(authority.verifierOptions);
  const tickets = verifier.configuration.tickets;
  let asked: { agentKey: string; rootKey: string }[] = [];
  return {
    name: "a grant",
    async prepare(count) {
      asked = await Promise.all(
        Array.from({ length: count }, async () => ({
          agentKey: (await TicketAsk.begin()).epk,
          rootKey: crypto.randomUUID(),
        })),
      );
    },
    async run(count) {
      for (let i = 0; i < count; i++) {
        const ask = asked.pop() as (typeof asked)[number];
        const grant = await tickets?.grant({
          ...ask,
          proof: "proof",
          audience: authority.audience,
          thumbprint: authority.agentKey.kid,
          now: authority.clock(),
        });
        if (!grant) throw new Error("No ticket was granted");
      }
    },
  };
}
