import type { LiveOptions } from "@attest/attacks";
import type { AgentIdentity, PublicJwk, Signer } from "@attest/core";
import { AUDIENCE, IDENTITY } from "./authority.ts";

/**
 * What the bank is attacked with, by somebody who owns an authority that it trusts. The one tool that is called pays
 * nothing out.
 *
 * @param attest Attests a key of the attacker's as an honest agent's. @param signer A key that the authority publishes. It does not leave this process.
 */
export function attackOptions(
  attest: (identity: AgentIdentity, confirmationKey: PublicJwk) => Promise<string>,
  signer: Signer,
): LiveOptions {
  return {
    audience: AUDIENCE,
    credentials: {
      authority: signer,
      attest: ({ confirmationKey }) => attest(IDENTITY, confirmationKey),
    },
    tool: { name: "transfer", arguments: { to: "nobody", amount: 1 } },
    lab: { echo: { name: "transfer", arguments: { to: "nobody" }, argument: "amount" } },
  };
}
