import { decodeBase64url } from "@attest/core";
import type { Attack } from "../attack.ts";
import { ringId, sealTicket } from "../forge/seal-ticket.ts";
import { planned, presentation } from "../stage/define-attack.ts";
import { macProof } from "../stage/mac-proof.ts";
import { made, nowOf, TICKETED, ticketed } from "../stage/ticketed.ts";

const HOUR = 3600;
/** A ring secret that somebody might copy out of an example. */
const WELL_KNOWN = new Uint8Array(32);

/** Tickets that are somebody else's, of one's own making, or over. */
export const ticketAttacks: readonly Attack[] = [
  ticketed(
    {
      id: "stolen-ticket",
      name: "A ticket without its key",
      threat: "C1",
      attacker: "recorded an attestation and a ticket on their way, and has the key of neither",
      description: "MACs under keys that anybody can guess or compute",
      defence: "the MAC is under the key that the ticket seals",
    },
    {
      "the empty key": made({ key: new Uint8Array() }),
      zeros: made({ key: new Uint8Array(32) }),
      "a key of the attacker's": made({ key: crypto.getRandomValues(new Uint8Array(32)) }),
      "the agent's public key": made(async ({ agent }) => ({
        key: decodeBase64url((await agent.signer()).toJwk().x ?? "") ?? new Uint8Array(),
      })),
    },
  ),
  ticketed(
    {
      id: "ticket-of-another-ring",
      name: "A ticket of one's own making",
      threat: "C2",
      attacker: "recorded an attestation, and knows a ring secret that is not the target's",
      description: "A ticket that seals a key of the attacker's, sealed by a secret that is well known or made up",
      defence: "only the server's own ring opens tickets",
    },
    {
      "a secret of zeros": made({ seal: (content) => sealTicket(WELL_KNOWN, content) }),
      "under the name of the target's secret": made(({ agent }) => ({
        seal: (content) => sealTicket(WELL_KNOWN, content, ringId(agent.means.ring ?? WELL_KNOWN)),
      })),
      "no seal at all": made({ seal: ({ key }) => Buffer.concat([key, Buffer.alloc(121)]).toString("base64url") }),
    },
  ),
  ticketed(
    {
      id: "ticket-of-another-agent",
      name: "One's own ticket with another's attestation",
      threat: "C4",
      attacker: "is an agent with a ticket of its own, and recorded the attestation of another",
      description: "The other's attestation, with a MAC under the attacker's own ticket",
      defence: "a ticket is for the key in the attestation",
      needs: ["ring", "issuance"],
    },
    { "the attacker's ticket": made(async (scene) => ({ holder: (await scene.rival()).signer })) },
  ),
  ticketed(
    {
      id: "ticket-of-another-server",
      name: "A ticket of the server next door",
      threat: "C4",
      attacker: "has a ticket of another server that shares the target's ring",
      description: "A MAC for the target, under a ticket that was granted for another audience",
      defence: "a ticket is for the audience that it was asked for",
    },
    { "another audience": made({ content: { audience: "https://elsewhere.example/mcp" } }) },
  ),
  ticketed(
    {
      id: "expired-ticket",
      name: "A ticket that is over",
      threat: "C6",
      attacker: "obtained a ticket's key, after the ticket had expired",
      description: "A MAC made now, under a ticket that expired a second or an hour ago",
      defence: "a ticket expires by the server's clock",
    },
    {
      "a second ago": made((scene) => ({ content: { expiresAt: nowOf(scene) - 1 } })),
      "an hour ago": made((scene) => ({ content: { expiresAt: nowOf(scene) - HOUR } })),
    },
  ),
  planned(
    {
      ...TICKETED,
      id: "ticket-after-revocation",
      name: "A ticket that outlives its agent",
      category: "replay",
      threat: "C6",
      expected: ["attestation_revoked"],
      attacker: "is an agent whose attestation was revoked, and holds a ticket that has not expired",
      description: "A MAC under a ticket that worked before, after the attestation was revoked",
      defence: "a ticket seals no conclusion: everything is asked again of every message",
      needs: ["ring", "issuance", "revocation"],
    },
    async (scene) => {
      const { signer: holder, attestation } = await scene.rival();
      const present = async () => {
        const occasion = await scene.occasion();
        const proof = await macProof(scene, attestation, occasion, { holder });
        return presentation("after its revocation", occasion, { attestation, proof });
      };
      return {
        control: async () => (await present()).send(),
        attempts: async () => {
          await scene.agent.means.revoke?.(attestation);
          return [await present()];
        },
      };
    },
  ),
];
