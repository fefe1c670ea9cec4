import { toSpiffeId } from "@attest/core";
import { AttestingAgent } from "@attest/mcp-client";
import type { DemoAuthority } from "./authorities.ts";
import { beginEmbedded } from "./embedded-agent.ts";
import type { LiveAgent } from "./live-agent.ts";

/** What Acme calls the agent whose maker attests it too. */
export const AURORA_AT_ACME = "spiffe://acme.com/agent/aurora";

/**
 * The agents that come and go, and what each tries.
 *
 * @param onReinstated Called when the first of them is attested again.
 */
export function createCast(models: DemoAuthority, acme: DemoAuthority, onReinstated: () => void): readonly LiveAgent[] {
  const plan: LiveAgent["plan"] = [
    ["list_accounts", {}],
    ["get_balance", { account: "savings" }],
    ["transfer", { to: "savings", amount: 25 }],
  ];
  const known = ({ identity, trust }: DemoAuthority) => ({ subject: toSpiffeId(identity), issuer: trust.issuer });
  return [
    {
      profile: {
        name: "Aurora",
        description: "A personal assistant. The company that made the model vouches for it: it may use every tool.",
        ...known(models),
        revocableBy: "authority",
      },
      generation: "v2",
      begin: async (observer) => new AttestingAgent({ source: models.source, observer }),
      plan,
      revocation: {
        revoke: () => models.authority.revoke(),
        async reinstate() {
          await models.authority.reinstate();
          onReinstated();
        },
      },
    },
    {
      profile: {
        name: "Expense clerk",
        description: "An agent of the Acme company, which vouches for it. It may look, but may not move money.",
        ...known(acme),
        revocableBy: "authority",
      },
      generation: "v1",
      begin: async (observer) => new AttestingAgent({ source: acme.source, observer }),
      plan,
      revocation: acme.authority,
    },
    {
      profile: {
        name: "Aurora at Acme",
        description:
          "The same model at work for Acme: Acme says whose it is, and in that its maker says what it is. It may use every tool.",
        subject: AURORA_AT_ACME,
        issuer: acme.trust.issuer,
      },
      generation: "v2",
      begin: (observer) => beginEmbedded(models, acme, observer),
      plan,
    },
    {
      profile: { name: "Stranger", description: "A program that says it is an agent, and shows nothing to prove it." },
      generation: "v2",
      begin: undefined,
      plan,
    },
  ];
}
