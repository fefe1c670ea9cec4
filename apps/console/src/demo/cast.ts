import { toSpiffeId } from "@attest/core";
import type { DemoAuthority } from "./authorities.ts";
import type { LiveAgent } from "./live-agent.ts";

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
      source: models.source,
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
      source: acme.source,
      plan,
      revocation: acme.authority,
    },
    {
      profile: { name: "Stranger", description: "A program that says it is an agent, and shows nothing to prove it." },
      generation: "v2",
      source: undefined,
      plan,
    },
  ];
}
