import { type Attack, type AttackResult, attacks, httpTarget, runAttacks } from "@attest/attacks";
import { EXTENSION } from "@attest/core";
import { type ConformanceCheck, type Outcome, recordCheck } from "../check.ts";
import { AUDIENCE, fixtureAuthority } from "../fixture.ts";
import { EVIDENCE, requirementOf } from "../requirements.ts";
import type { RunContext, ServerScenario } from "../scenario.ts";
import { declaringProbes } from "./declaring-probes.ts";
import { grantingProbes } from "./granting-probes.ts";
import type { Probe } from "./probe.ts";
import { refusingProbes } from "./refusing-probes.ts";
import { ServerWire } from "./server-wire.ts";

const PROBES: readonly Probe[] = [...declaringProbes, ...refusingProbes, ...grantingProbes];

/**
 * What a server over Streamable HTTP that demands attestation does with honest agents, and with attackers. The server must be configured
 * as `SERVER_SETTINGS` says, with the policy `required`, and have a tool `transfer` that refuses agents of minimal safety.
 */
export const serverScenario: ServerScenario = {
  name: "attest/server",
  description:
    "A server that demands agent attestation serves attested agents, and refuses everybody and everything else",
  source: { extensionId: EXTENSION },
  async run(context) {
    return [...(await probeChecks(context)), ...(await attackChecks(context))];
  },
};

async function probeChecks(context: RunContext): Promise<ConformanceCheck[]> {
  const authority = await fixtureAuthority();
  const checks: ConformanceCheck[] = [];
  for (const { name, requirements, only, outside, run } of PROBES) {
    let outcome: Outcome;
    if (only !== undefined && only !== context.specVersion) outcome = { skipped: `Only MCP ${only} has this` };
    else {
      const wire = new ServerWire(context, authority);
      if (context.specVersion === "2025-11-25" && !outside) await wire.initialize();
      const found = await run(wire);
      outcome = typeof found === "string" ? { problem: found } : found;
    }
    checks.push(...requirements.map((id) => recordCheck(requirementOf(id), name, outcome)));
  }
  return checks;
}

async function attackChecks({ serverUrl, specVersion }: RunContext): Promise<ConformanceCheck[]> {
  const authority = await fixtureAuthority();
  const shown = Object.entries(EVIDENCE).flatMap(([id, { attacks: ids = [] }]) =>
    ids.map((attack) => ({ id, attack })),
  );
  const target = httpTarget({
    url: serverUrl,
    audience: AUDIENCE,
    credentials: {
      authority: authority.key,
      attest: ({ confirmationKey }) => authority.attest(confirmationKey),
    },
    tool: { name: "transfer", arguments: { to: "nobody", amount: 1 } },
    era: specVersion === "2025-11-25" ? "handshake" : "stateless",
    rate: 1000,
    timeoutMs: 5000,
  });
  const ids = new Set(shown.map(({ attack }) => attack));
  const { results, notRun } = await runAttacks(target, { attacks: attacks.filter(({ id }) => ids.has(id)) });
  const outcomes = new Map<string, { readonly attack: Attack; readonly outcome: Outcome }>([
    ...results.map(({ attack, result }) => [attack.id, { attack, outcome: outcomeOf(attack, result) }] as const),
    ...notRun.map(({ attack, why }) => [attack.id, { attack, outcome: { skipped: `The server ${why}` } }] as const),
  ]);
  return shown.map(({ id, attack: name }) => {
    const found = outcomes.get(name);
    if (!found) throw new Error(`There is no attack ${name}`);
    return recordCheck(requirementOf(id), `${name}: ${found.attack.description}`, found.outcome);
  });
}

/** An attack must be stopped, and by the reason that SPEC.md gives to what is wrong with it. */
function outcomeOf({ expected }: Attack, result: AttackResult): Outcome {
  const { outcome, evidence } = result;
  if (outcome === "inconclusive") return { problem: evidence, untestable: true };
  if (outcome === "breached") return { problem: evidence };
  if (result.intended) return undefined;
  return { problem: `It was refused, as ${result.reason ?? "no reason said"} and not as ${expected.join(" or ")}` };
}
