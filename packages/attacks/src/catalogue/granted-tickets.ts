import { TicketAsk, type TicketGrant } from "@attest/core";
import type { Attack } from "../attack.ts";
import { SMALL_ORDER_AGREEMENT_KEYS } from "../forge/small-order-agreement.ts";
import { planned, presentation } from "../stage/define-attack.ts";
import { GRANTED, type Granted, granted, IN_THE_MESSAGE, macOf, ticketOf } from "../stage/granted.ts";
import type { Verdict } from "../stage/judge.ts";
import { Situation } from "../stage/situation.ts";
import type { Answer } from "../targets/answer.ts";
import { LIST_TOOLS } from "../targets/envelope.ts";
import type { Occasion } from "../targets/message.ts";

/** Everything but the signature of a proof that its holder signed, with another claim. */
function withTicketKey(proof: string, epk: string): string {
  const [header, payload = "", signature] = proof.split(".");
  const claims = { ...JSON.parse(Buffer.from(payload, "base64url").toString()), ticket_epk: epk };
  return [header, Buffer.from(JSON.stringify(claims)).toString("base64url"), signature].join(".");
}

/** Whether a request that asked with a key of small order got a ticket, whose key everybody knows. */
function judgeGrant({ outcome, grant }: Answer): Verdict | undefined {
  if (grant !== undefined) {
    return { outcome: "breached", evidence: "the target granted a ticket whose key is computed from zeros" };
  }
  if (outcome === "served")
    return { outcome: "blocked", intended: true, evidence: "served, and no ticket was granted" };
  return undefined;
}

type Prepare = (granted: Granted, id: number) => Occasion | Promise<Occasion>;

const inFields: Prepare = ({ channel }, id) => channel.prepare(LIST_TOOLS, { id });
const inMessage: Prepare = ({ channel }, id) => channel.prepare(LIST_TOOLS, { ...IN_THE_MESSAGE, id });

/** Puts the honest MAC proof of one occasion into another, of the same request. */
const moved =
  (from: Prepare, to: Prepare = inFields) =>
  async (given: Granted) => {
    const id = crypto.getRandomValues(new Uint32Array(1))[0] as number;
    return { proof: await macOf(given, await from(given, id)), occasion: await to(given, id) };
  };

/** What is tried with tickets that a live server granted, and while it grants them. */
export const grantedTicketAttacks: readonly Attack[] = [
  granted(
    {
      id: "granted-ticket-with-another-attestation",
      name: "A ticket that the server granted to another",
      threat: "C4",
      attacker: "is an agent with a ticket that the target granted it, and recorded the attestation of another",
      description: "The other's attestation, in the other's session, with a MAC under the attacker's ticket",
      defence: "a ticket is for the key that asked for it",
      needs: ["tickets", "issuance"],
    },
    {
      "the attacker's ticket": async (given, occasion) => {
        const { scene } = given;
        const ticket = await ticketOf(scene.agent, await scene.open(), await scene.rival());
        return { proof: await macOf({ ...given, ticket }, occasion) };
      },
    },
  ),
  granted(
    {
      id: "substituted-grant",
      name: "A grant that was exchanged on its way",
      threat: "C3",
      attacker: "changes a server's answers before an agent reads them",
      description:
        "MACs of an honest agent that took a grant with the attacker's key, or with the ticket of another grant",
      defence: "the ticket seals the key that both agreed, and no other",
    },
    {
      "the server's key replaced": async (given, occasion) => {
        const { epk } = await TicketAsk.begin();
        const { scene, channel } = given;
        const ticket = await ticketOf(scene.agent, channel, { onTheWay: (grant) => ({ ...grant, epk }) });
        return { proof: await macOf({ ...given, ticket }, occasion) };
      },
      "the ticket of another grant": async (given, occasion) => {
        const { scene, channel, ticket: other } = given;
        const onTheWay = (grant: TicketGrant) => ({ ...grant, ticket: other.text });
        const ticket = await ticketOf(scene.agent, channel, { onTheWay });
        return { proof: await macOf({ ...given, ticket }, occasion) };
      },
    },
  ),
  planned(
    {
      ...GRANTED,
      id: "small-order-ticket-key",
      name: "A ticket whose key everybody knows",
      threat: "C3",
      expected: [],
      attacker: "is an agent that wants its messages to be provable by others, or makes another agent ask so",
      description: "Requests for a ticket with X25519 keys of small order, with which the shared secret is all zero",
      defence: "a secret that is all zero is no secret: nothing is granted",
    },
    async (scene) => {
      const channel = await scene.ready();
      const attestation = await scene.agent.attestation();
      return {
        control: async () => {
          const occasion = channel.prepare(LIST_TOOLS);
          return occasion.present(await scene.agent.credentialsFor(occasion));
        },
        attempts: () =>
          Object.entries(SMALL_ORDER_AGREEMENT_KEYS).map(([label, ticketKey]) => ({
            label,
            send: async () => {
              const occasion = channel.prepare(LIST_TOOLS);
              const claims = (honest: object) => ({ ...honest, ticket_epk: ticketKey });
              const proof = await (await Situation.of(scene, occasion)).prove(attestation, { claims });
              return occasion.present({ attestation, proof });
            },
            judge: judgeGrant,
          })),
      };
    },
  ),
  granted(
    {
      id: "ticket-asked-for-another",
      name: "Asking for a ticket in another's name",
      threat: "C3",
      expected: ["attestation_proof_invalid"],
      attacker: "changes an agent's requests before they arrive",
      description: "An honest agent's signed proof, with the attacker's key as the one that asks for a ticket",
      defence: "the key that asks is in what the agent signs",
    },
    {
      "the attacker's key": async ({ scene, attestation }, occasion) => {
        const { epk } = await TicketAsk.begin();
        return { proof: withTicketKey(await scene.agent.prove(occasion, attestation), epk) };
      },
    },
  ),
  granted(
    {
      id: "granted-mac-in-another-session",
      name: "A MAC in another of one's sessions",
      threat: "C4",
      attacker: "took a MAC proof from a request before it arrived, and knows the id of another session of the agent",
      description: "A MAC proof under a ticket of the target's that was made in one session or none, in another",
      defence: "the MAC covers the session's id",
      needs: ["tickets", "sessions"],
    },
    {
      "of no session": moved(({ channel }, id) => channel.prepare(LIST_TOOLS, { sessionId: null, id })),
      "of another session": moved(async ({ scene }, id) => (await scene.owned()).prepare(LIST_TOOLS, { id })),
    },
  ),
  granted(
    {
      id: "mac-across-carriers",
      name: "A MAC in another carrier",
      category: "replay",
      threat: "R1",
      expected: ["attestation_ticket_refused", "attestation_proof_invalid"],
      attacker: "recorded a message that a MAC proves, before or after it arrived",
      description: "A MAC proof from the HTTP fields in the message, and the other way round",
      defence: "the MAC covers by which carrier the message came",
      needs: ["tickets", "http"],
    },
    {
      "from the fields into the message": moved(inFields, inMessage),
      "from the message into the fields": moved(inMessage, inFields),
    },
  ),
  planned(
    {
      ...GRANTED,
      id: "granted-mac-replay",
      name: "A MAC proof twice at one server",
      category: "replay",
      threat: "R1",
      expected: ["attestation_replay"],
      attacker: "recorded a message that a MAC under a ticket of the target's proves",
      description: "The recorded message again, to the byte",
      defence: "the use of a MAC proof is recorded",
    },
    async (scene) => {
      const channel = await scene.ready();
      const { agent } = scene;
      const attestation = await agent.attestation();
      const ticket = await ticketOf(agent, channel);
      const occasion = channel.prepare(LIST_TOOLS);
      const proof = await macOf({ scene, attestation, ticket }, occasion);
      return {
        control: () => occasion.present({ attestation, proof }),
        attempts: () => [presentation("the same again", occasion, { attestation, proof })],
      };
    },
  ),
];
