import { setTimeout } from "node:timers/promises";
import { createMacProof, type Ticket } from "@attest/core";
import type { Attack } from "../attack.ts";
import type { Answer } from "../targets/answer.ts";
import { type Asking, askForTicket } from "../targets/ask-for-ticket.ts";
import type { Channel } from "../targets/attack-target.ts";
import { LIST_TOOLS } from "../targets/envelope.ts";
import type { HonestAgent } from "../targets/honest-agent.ts";
import type { Occasion, OccasionOptions, PresentedCredentials } from "../targets/message.ts";
import { type AttackSheet, type Attempt, planned, presentation } from "./define-attack.ts";
import type { Scene } from "./scene.ts";

/** What attacks on tickets of a live server have in common. */
export const GRANTED: Required<Pick<AttackSheet, "category" | "expected" | "never" | "needs">> = {
  category: "proof",
  expected: ["attestation_ticket_refused"],
  never: true,
  needs: ["tickets"],
};

/** A ticket that the target granted the honest agent, and a channel on which that agent may send what it likes. */
export interface Granted {
  readonly scene: Scene;
  readonly channel: Channel;
  readonly attestation: string;
  readonly ticket: Ticket;
}

/** What one try presents, and on which occasion; by default a new one on the channel. */
interface Try extends PresentedCredentials {
  readonly occasion?: Occasion;
}

/** An attack by a ticket of the target's own, whose control is an honest MAC proof under it. */
export function granted(
  sheet: Omit<AttackSheet, keyof typeof GRANTED> & Partial<AttackSheet>,
  variants: Readonly<Record<string, (granted: Granted, occasion: Occasion) => Promise<Try>>>,
): Attack {
  return planned({ ...GRANTED, ...sheet }, async (scene) => {
    const channel = await scene.ready();
    const attestation = await scene.agent.attestation();
    const ticket = await ticketOf(scene.agent, channel);
    const given: Granted = { scene, channel, attestation, ticket };
    const forge = async ([label, make]: readonly [string, (typeof variants)[string]]): Promise<Attempt> => {
      const usual = channel.prepare(LIST_TOOLS);
      const { occasion = usual, ...credentials } = await make(given, usual);
      return presentation(label, occasion, { attestation, ...credentials });
    };
    return {
      control: async (): Promise<Answer> => {
        const occasion = channel.prepare(LIST_TOOLS);
        return occasion.present({ attestation, proof: await macOf(given, occasion) });
      },
      attempts: () => Promise.all(Object.entries(variants).map(forge)),
    };
  });
}

/** An honest MAC proof of the holder of a ticket, for an occasion. */
export function macOf(
  { scene, attestation, ticket }: Pick<Granted, "scene" | "attestation" | "ticket">,
  { request, sessionId, accessToken }: Pick<Occasion, "request" | "sessionId" | "accessToken">,
): Promise<string> {
  const { audience, clock } = scene.agent;
  return createMacProof({
    ...{ attestation, ticket, audience, request, clock },
    ...(sessionId !== undefined && { sessionId }),
    ...(accessToken !== undefined && { accessToken }),
  });
}

/** A server grants one key no more than four tickets in a second (SPEC-19.5). In milliseconds. */
const PAUSE = 1000;

/**
 * A ticket that the target grants: the honest agent, or who asks.
 *
 * @throws TypeError if it grants none, even after a while.
 */
export async function ticketOf(
  agent: HonestAgent,
  channel: Pick<Channel, "prepare">,
  asking?: Asking,
): Promise<Ticket> {
  for (const pause of [PAUSE, PAUSE, undefined]) {
    const { ticket } = await askForTicket(channel, agent, asking);
    if (ticket) return ticket;
    if (pause !== undefined) await setTimeout(pause);
  }
  throw new TypeError("the target granted no ticket");
}

/** The options of a message whose credentials travel in the other carrier than usual over HTTP. */
export const IN_THE_MESSAGE: OccasionOptions = { carrier: "in-band" };
