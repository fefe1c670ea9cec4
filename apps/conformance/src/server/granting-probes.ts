import { HTTP_FIELDS, readTicketField, TicketAsk } from "@attest/core";
import { firstWrong, type Probe } from "./probe.ts";

/** When a server grants tickets. */
export const grantingProbes: readonly Probe[] = [
  {
    name: "Grants with the answer to the message that asked, and once for a proof",
    requirements: ["19.3", "19.9"],
    async run(wire) {
      const ask = await TicketAsk.begin();
      try {
        const first = await wire.request("tools/list", {}, { ticketKey: ask.epk });
        const granted = first.field(HTTP_FIELDS.ticket);
        if (granted === null) return { skipped: "The server granted no ticket, which is optional" };
        const again = await wire.again();
        return firstWrong({
          "a well-formed grant": readTicketField(granted) !== undefined,
          "no grant for a proof that was used": again.field(HTTP_FIELDS.ticket) === null,
          "no grant without an ask": (await wire.request("tools/list")).field(HTTP_FIELDS.ticket) === null,
        });
      } finally {
        ask.end();
      }
    },
  },
];
