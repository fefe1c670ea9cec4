import type { GuardSabotage } from "./guard-sabotages.ts";
import { macOver, skip } from "./replacements.ts";

type TicketKey = (...args: unknown[]) => Promise<Uint8Array | undefined>;

/** What a server that grants tickets can lose. */
export const grantSabotages: readonly GuardSabotage[] = [
  {
    removed: "a ticket is for the key that asked",
    meant: "granted-ticket-with-another-attestation",
    replaces: { checkTicketHolder: skip },
  },
  { removed: "a ticket seals the key of its MACs", meant: "substituted-grant", replaces: { checkMac: skip } },
  {
    removed: "a secret that is all zero is none",
    meant: "small-order-ticket-key",
    replaces: {
      ticketKey:
        (real: TicketKey) =>
        async (...args: unknown[]) =>
          (await real(...args)) ?? new Uint8Array(32),
    },
  },
  {
    removed: "the key that asks is signed",
    meant: "ticket-asked-for-another",
    replaces: { checkProofSignature: skip },
  },
  {
    removed: "a MAC names its session",
    meant: "granted-mac-in-another-session",
    replaces: macOver(({ sessionId: _, ...request }) => request),
  },
  {
    removed: "a MAC names its carrier",
    meant: "mac-across-carriers",
    replaces: { checkMac: skip, checkMacDigest: skip },
  },
  { removed: "MAC proofs are used once", meant: "granted-mac-replay", replaces: { consumeMac: skip } },
];
