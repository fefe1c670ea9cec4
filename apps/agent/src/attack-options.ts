import type { LiveOptions } from "@attest/attacks";
import type { AttestationIssuer, Signer } from "@attest/core";
import { AUDIENCE, IDENTITY } from "./authority.ts";

/**
 * What the bank is attacked with, by somebody who owns an authority that it trusts. The one tool that is called pays
 * nothing out.
 *
 * @param signer A key that the authority publishes. It does not leave this process.
 */
export function attackOptions(provider: AttestationIssuer, signer: Signer): LiveOptions {
  return {
    audience: AUDIENCE,
    credentials: {
      authority: signer,
      attest: ({ confirmationKey }) => provider.createToken({ identity: IDENTITY, confirmationKey }),
    },
    tool: { name: "transfer", arguments: { to: "nobody", amount: 1 } },
    lab: { echo: { name: "transfer", arguments: { to: "nobody" }, argument: "amount" } },
  };
}
