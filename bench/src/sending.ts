import { AttestationVerifier, HTTP_FIELDS } from "@attest/core";
import { AttestingAgent, attestFetch } from "@attest/mcp-client";
import { AttestationGuard } from "@attest/mcp-server";
import type { Material } from "./material.ts";
import { type Cost, compare, type Variant } from "./measure.ts";
import type { Row } from "./row.ts";
import { toolCall } from "./tool-call.ts";

const COUNT = 2000;
const ROUNDS = 11;
const ENDPOINT = "https://server.example/mcp";

/** What an agent with a ticket adds to sending a request. */
export async function measureSending(material: Material): Promise<{ costs: Cost[]; rows: Row[] }> {
  const sent = await compare([material.rawSigning, ...(await sending(material))], { rounds: ROUNDS, count: COUNT });
  const [signing = Number.NaN, plain = Number.NaN, attested = Number.NaN] = sent.map(({ cpu }) => cpu);
  return {
    costs: sent,
    rows: [
      {
        path: "raw sign ÷ what attesting adds to sending, MAC (CPU)",
        unit: "times",
        measured: signing / (attested - plain),
        must: 1,
        aim: 1.8,
        better: "greater",
      },
    ],
  };
}

/** Sending a request of 1.2 KB to a server that answers at once: plain, and proved by MACs. */
async function sending({ authority, attestation }: Material): Promise<Variant[]> {
  const guard = new AttestationGuard({ verifier: new AttestationVerifier(authority.verifierOptions) });
  const body = JSON.stringify(toolCall({ sorted: true }));
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
