import { importVerificationKey, type Signer, type Ticket, TicketAsk, type TicketGrant } from "@attest/core";
import type { Answer } from "./answer.ts";
import type { Channel } from "./attack-target.ts";
import type { HonestAgent } from "./honest-agent.ts";

/** Who asks, if it is not the honest agent, and what happens to the grant on its way. */
export interface Asking {
  readonly attestation?: string;
  readonly signer?: Signer;
  readonly onTheWay?: (grant: TicketGrant) => TicketGrant;
}

/** Asks the target for a ticket, as an agent does. @returns What it answered, and the ticket, if it granted one. */
export async function askForTicket(
  channel: Pick<Channel, "prepare">,
  agent: HonestAgent,
  { onTheWay = (grant) => grant, ...who }: Asking = {},
): Promise<{ readonly answer: Answer; readonly ticket?: Ticket }> {
  const ask = await TicketAsk.begin();
  const signer = who.signer ?? (await agent.signer());
  const attestation = who.attestation ?? (await agent.attestation());
  const occasion = channel.prepare();
  const proof = await agent.prove(occasion, attestation, { signer, ticketKey: ask.epk });
  const answer = await occasion.present({ attestation, proof });
  const { thumbprint } = await importVerificationKey(signer.toJwk());
  const grant = answer.grant && onTheWay(answer.grant as TicketGrant);
  const ticket = await ask.complete(grant, { proof, audience: agent.audience, thumbprint });
  return { answer, ...(ticket && { ticket }) };
}
