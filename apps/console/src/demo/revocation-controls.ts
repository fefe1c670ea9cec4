import type { DemoControls } from "../server/console-app.ts";
import type { EventLog } from "../server/event-log.ts";
import type { LiveAgent } from "./live-agent.ts";

/** Revokes agents of the demo and lets them back in, and tells the pages once that is stored. */
export function revocationControls(
  cast: readonly Pick<LiveAgent, "profile" | "revocation">[],
  log: EventLog,
): Pick<DemoControls, "revoke" | "reinstate"> {
  const change = async (name: string, verb: "revoke" | "reinstate"): Promise<boolean> => {
    const { revocation, profile } = cast.find((agent) => agent.profile.name === name) ?? {};
    if (!revocation || profile?.revocableBy === undefined) return false;
    await revocation[verb]();
    const action = verb === "revoke" ? "revoked" : "reinstated";
    log.add("console", { type: "revocation", name, action, by: profile.revocableBy });
    return true;
  };
  return { revoke: (name) => change(name, "revoke"), reinstate: (name) => change(name, "reinstate") };
}
