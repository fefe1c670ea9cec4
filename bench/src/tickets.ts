import {
  AttestationVerifier,
  createMacProof,
  createProof,
  HTTP_FIELDS,
  META_ATTESTATION,
  META_PROOF,
  type ProofRequest,
  type Ticket,
  TicketAsk,
} from "@attest/core";
import { AttestingAgent, attestFetch } from "@attest/mcp-client";
import { AttestationGuard } from "@attest/mcp-server";
import { asReceived, filledCache, type Material } from "./material.ts";
import { type Cost, compare, type Variant } from "./measure.ts";
import type { Row } from "./row.ts";

const COUNT = 2000;
const ROUNDS = 11;
const LIVE = 1_000_000;
const ENDPOINT = "https://server.example/mcp";

/** A tool call of about 1.2 KB in 28 members; sorted as RFC 8785 has them, or not. */
function call(sorted: boolean) {
  const names = Array.from({ length: 28 }, (_, i) => `member${String(i).padStart(2, "0")}`);
  const args = Object.fromEntries(
    (sorted ? names : names.toReversed()).map((name) => [name, `${"x".repeat(26)}${name}`]),
  );
  const params = sorted ? { arguments: args, name: "search" } : { name: "search", arguments: args };
  return { jsonrpc: "2.0", id: 1, method: "tools/call", params };
}

/** What a message costs whose proof is a MAC under a ticket, against a signature, and against what a signed one costs. */
export async function measureTickets(material: Material): Promise<{ costs: Cost[]; rows: Row[] }> {
  const { authority, rawVerification, rawSigning, attestation } = material;
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
  const message = call(true);
  const body = new TextEncoder().encode(JSON.stringify(message));
  const checking = (name: string, by: "mac" | "signature", how: "HTTP" | "sorted" | "unsorted"): Variant => {
    const { method, params, ...frame } = call(how !== "unsorted");
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
  const sent = await compare([rawSigning, ...(await sending(material, verifier))], { rounds: ROUNDS, count: COUNT });
  const granted = await compare([rawVerification, granting(material)], { rounds: ROUNDS, count: 200 });
  const cpu = (costs: readonly Cost[], index: number) => costs[index]?.cpu ?? Number.NaN;
  const times = (measured: number, path: string, must: number, aim: number): Row => ({
    path,
    unit: "times",
    measured,
    must,
    aim,
    better: "greater",
  });
  const making = cpu(sent, 0) / (cpu(sent, 2) - cpu(sent, 1));
  return {
    costs: [...verified, ...sent, ...granted],
    rows: [
      times(verified[1]?.cpuRatio ?? Number.NaN, "raw verify ÷ MAC-proved request, HTTP 1.2 KB (CPU)", 4.5, 6.5),
      times(verified[3]?.cpuRatio ?? Number.NaN, "raw verify ÷ MAC-proved message, members in order (CPU)", 3.2, 5),
      times(verified[4]?.cpuRatio ?? Number.NaN, "raw verify ÷ MAC-proved message, members as they come (CPU)", 2.2, 4),
      times(cpu(verified, 2) / cpu(verified, 1), "signed path ÷ MAC path, HTTP (CPU)", 4.5, 7),
      times(making, "raw sign ÷ what attesting adds to sending, MAC (CPU)", 1, 1.8),
      {
        path: "grant, once per ticket (CPU)",
        unit: "raw verifies",
        measured: cpu(granted, 1) / cpu(granted, 0),
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

/** Sending a request of 1.2 KB to a server that answers at once: plain, and proved by MACs. */
async function sending({ authority, attestation }: Material, verifier: AttestationVerifier): Promise<Variant[]> {
  const guard = new AttestationGuard({ verifier });
  const body = JSON.stringify(call(true));
  // Without a body: this is about sending. Reading answers costs the same by MAC or signature.
  const answer = () => new Response(null, { status: 202 });
  const plain = async () => answer();
  const agent = new AttestingAgent({
    source: { getAttestation: async () => attestation },
    signer: authority.agentKey,
    clock: authority.clock,
  });
  let by = "";
  const fetch = attestFetch({
    agent,
    audience: authority.audience,
    endpoint: ENDPOINT,
    async fetch(_, init) {
      const headers = init?.headers as Headers;
      const proof = headers.get(HTTP_FIELDS.proof) ?? "";
      by = proof.slice(0, 5);
      if (by === "mac1~") return answer();
      const bytes = new TextEncoder().encode(body);
      const field = headers.get(HTTP_FIELDS.attestation) ?? "";
      const sent = { method: "POST", body: bytes, attestation: field, proof };
      const decision = await guard.check(JSON.parse(body), undefined, sent);
      const { ticket, epk, expires_in } = (decision.action === "forward" && decision.ticket) || {};
      const grant = `ticket="${ticket}", epk="${epk}", expires_in=${expires_in}`;
      return new Response(null, { headers: { [HTTP_FIELDS.ticket]: grant } });
    },
  });
  const init = { method: "POST", body, headers: { "Content-Type": "application/json" } };
  await fetch(ENDPOINT, init);
  await fetch(ENDPOINT, init);
  if (by !== "mac1~") throw new Error("The agent obtained no ticket");
  return [
    {
      name: "client, a request that is not sent, plain",
      async run(count) {
        for (let i = 0; i < count; i++) await (await plain()).text();
      },
    },
    {
      name: "client, a request that is not sent, attested by MAC",
      async run(count) {
        for (let i = 0; i < count; i++) await (await fetch(ENDPOINT, init)).text();
      },
    },
  ];
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
