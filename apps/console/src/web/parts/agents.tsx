import type { JSX } from "preact";
import type { AgentState } from "../feed-store.ts";
import { reasonInWords, shortSubject } from "../words.ts";
import { Chain } from "./chain.tsx";
import { Layers } from "./layers.tsx";
import { ProofTag } from "./proof-tag.tsx";
import { Revocation } from "./revocation.tsx";

const STATE = {
  connecting: "Connecting…",
  verified: "Verified",
  refused: "Turned away",
  unattested: "Not attested",
  away: "Between sessions",
} as const;

const TRUST = {
  none: "not yet known",
  enterprise: "enterprise: a company's word",
  provider: "provider: the word of who made the model",
} as const;

/** Every agent of the demo: who it is, by whose word, and how the bank takes it. */
export function Agents({ agents }: { agents: readonly AgentState[] }): JSX.Element {
  return (
    <section class="panel" aria-labelledby="agents-title">
      <h2 id="agents-title">Agents</h2>
      <ul class="agents">
        {agents.map((agent) => (
          <AgentCard key={agent.name} agent={agent} />
        ))}
      </ul>
    </section>
  );
}

function AgentCard({ agent }: { agent: AgentState }): JSX.Element {
  const { name, description, subject, issuer, state, trustLevel, reason, served, refused, last } = agent;
  const { proofs, chain, layers, delegation } = agent;
  return (
    <li class="agent" data-agent={name} data-state={state}>
      <div class="agent-head">
        <h3>{name}</h3>
        <span class={`badge ${agent.revocation ? "refused" : state}`}>
          {agent.revocation ? "Revoked" : STATE[state]}
        </span>
      </div>
      <p>{description}</p>
      {subject === undefined ? (
        <p class="quiet">{reason ? `Why: ${reasonInWords(reason)}.` : "Shows no ID."}</p>
      ) : (
        <dl class="facts">
          <dt>Identity</dt>
          <dd>
            <code>{subject}</code>
          </dd>
          <dt>Vouched for by</dt>
          <dd>
            <code>{issuer}</code>
          </dd>
          <dt>Trust</dt>
          <dd>{TRUST[trustLevel ?? "none"]}</dd>
        </dl>
      )}
      {delegation && subject !== undefined && (
        <Chain root={shortSubject(subject)} steps={chain ?? [{ name: delegation.name, allow: delegation.allow }]} />
      )}
      {layers && <Layers layers={layers} />}
      <p class="tally">
        <span class="ok">{served} allowed</span>
        <span class="no">{refused} refused</span>
        {(["signature", "mac"] as const).map(
          (proof) =>
            proofs[proof] > 0 && (
              <span key={proof}>
                {proofs[proof]} by <ProofTag proof={proof} />
              </span>
            ),
        )}
        {last && (
          <span class="quiet">
            last: {last.tool}, {last.outcome === "served" ? "allowed" : last.outcome}
          </span>
        )}
      </p>
      <Revocation agent={agent} />
    </li>
  );
}
