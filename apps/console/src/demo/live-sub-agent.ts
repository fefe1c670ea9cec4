import { setTimeout as wait } from "node:timers/promises";
import type { SubAgent } from "demo-agent";
import type { AgentEvent, AttemptEvent } from "../shared/feed.ts";
import type { LiveAgent } from "./live-agent.ts";

/** Milliseconds between two calls, and after a refusal of the sub-agent itself. */
const PAUSE = { call: 2500, refusal: 5000 };

/** Has a sub-agent call what its plan says, again and again, until it is told to stop. It never throws. */
export async function liveSubAgent(
  { profile: { name }, plan }: Pick<LiveAgent, "profile" | "plan">,
  subAgent: SubAgent,
  tell: (event: AgentEvent | AttemptEvent) => void,
  signal: AbortSignal,
): Promise<void> {
  let verified = false;
  for (let i = 0; !signal.aborted; i++) {
    const [tool, args] = plan[i % plan.length] ?? ["list_accounts", {}];
    let pause = PAUSE.call;
    try {
      const came = await subAgent.call(tool, args);
      if (came.outcome === "undelegated") {
        verified = false;
        tell({ type: "agent", name, state: "unattested" });
      } else if (came.outcome === "refused" && came.reason !== "attestation_claims_insufficient") {
        verified = false;
        pause = PAUSE.refusal;
        tell({ type: "agent", name, state: "refused", reason: came.reason });
        // Nothing will make what it holds good again: it asks for another.
        if (came.reason === "attestation_revoked") subAgent.renew();
      } else {
        // A sub-agent that is refused this one tool is known all the same.
        if (!verified) tell({ type: "agent", name, state: "verified" });
        verified = true;
        if (came.outcome === "refused") tell({ type: "attempt", name, tool, reason: came.reason });
      }
    } catch {
      if (!signal.aborted) tell({ type: "agent", name, state: "away" });
      verified = false;
      pause = PAUSE.refusal;
    }
    await wait(pause, undefined, { signal }).catch(() => {});
  }
}
