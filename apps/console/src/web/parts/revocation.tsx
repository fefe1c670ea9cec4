import type { JSX } from "preact";
import { useState } from "preact/hooks";
import type { AgentState } from "../feed-store.ts";
import { clockTime } from "../words.ts";

const REVOKERS = {
  authority: "its authority, for every server that asks its status list",
  bank: "the bank, which refuses this one sub-agent by its key",
} as const;

/** Revokes an agent, says since when it is refused, and lets it back in. */
export function Revocation({ agent }: { agent: AgentState }): JSX.Element | null {
  const [failed, setFailed] = useState(false);
  const { name, revocation, revocableBy } = agent;
  if (revocableBy === undefined) return null;
  const ask = async (action: "revoke" | "reinstate"): Promise<void> => {
    const address = `/api/agents/${encodeURIComponent(name)}/${action}`;
    const response = await fetch(address, { method: "POST" }).catch(() => undefined);
    setFailed(!response?.ok);
  };
  return (
    <div class="revocation" data-revoked={revocation !== undefined}>
      <button type="button" class="plain" onClick={() => ask(revocation ? "reinstate" : "revoke")}>
        {revocation ? "Let it back in" : "Revoke"}
        <span class="visually-hidden"> {name}</span>
      </button>
      <p role="status">
        {failed && "That did not work. "}
        {revocation && `Revoked at ${clockTime(revocation.at)} by ${REVOKERS[revocableBy]}; `}
        {revocation && <span data-refused-since>{since(revocation)}</span>}
      </p>
    </div>
  );
}

function since({ at, refusedSince }: NonNullable<AgentState["revocation"]>): string {
  if (refusedSince === undefined) return "it will be refused with its next request.";
  return `refused since ${clockTime(refusedSince)}, ${((refusedSince - at) / 1000).toFixed(1)} s later.`;
}
