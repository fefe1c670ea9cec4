import type { JSX } from "preact";
import { useState } from "preact/hooks";
import type { Line } from "../line-of.ts";
import { clockTime } from "../words.ts";
import { ProofTag } from "./proof-tag.tsx";

const FILTERS = [
  ["all", "Everything"],
  ["refused", "Refusals"],
  ["attack", "Attacks"],
  ["keys", "IDs and keys"],
  ["ticket", "Tickets"],
] as const;

const MARKS: Readonly<Record<Line["kind"], string>> = {
  allowed: "✓",
  refused: "✕",
  attack: "▲",
  keys: "◆",
  ticket: "▤",
  agent: "●",
};

/** What happens, newest first; it can be filtered, and stopped for reading. */
export function Activity({ lines }: { lines: readonly Line[] }): JSX.Element {
  const [filter, setFilter] = useState<(typeof FILTERS)[number][0]>("all");
  const [held, setHeld] = useState<readonly Line[]>();
  const shown = (held ?? lines).filter(
    ({ kind }) => filter === "all" || kind === filter || (filter === "keys" && kind === "agent"),
  );
  return (
    <section class="panel" aria-labelledby="activity-title">
      <div class="panel-head">
        <h2 id="activity-title">Activity</h2>
        <button
          type="button"
          class="plain"
          aria-pressed={held !== undefined}
          onClick={() => setHeld(held ? undefined : lines)}
        >
          {held ? "Resume" : "Pause"}
        </button>
      </div>
      <fieldset class="filters">
        <legend class="visually-hidden">Show</legend>
        {FILTERS.map(([value, label]) => (
          <label key={value}>
            <input
              type="radio"
              name="filter"
              value={value}
              checked={filter === value}
              onChange={() => setFilter(value)}
            />
            <span class="pill">{label}</span>
          </label>
        ))}
      </fieldset>
      {filter === "keys" && <RotateNow />}
      {shown.length === 0 ? (
        <p class="empty">Nothing of this kind yet.</p>
      ) : (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard
        <ol class="lines" aria-label="What happened, newest first" tabIndex={0}>
          {shown.map((line) => (
            <li key={line.id} class={`line is-${line.kind}`} data-kind={line.kind}>
              <span class="glyph" aria-hidden="true">
                {MARKS[line.kind]}
              </span>
              <span class="what">
                {line.text}
                {line.proof && <ProofTag proof={line.proof} />}
                {line.code && <code title="The precise code in the server's own log">{line.code}</code>}
              </span>
              <span class="when">
                {line.source} · <time dateTime={new Date(line.at).toISOString()}>{clockTime(line.at)}</time>
              </span>
            </li>
          ))}
        </ol>
      )}
    </section>
  );
}

/** Lets the reader see that changing a key refuses nobody. */
function RotateNow(): JSX.Element {
  const [said, setSaid] = useState("");
  const rotate = async (): Promise<void> => {
    const response = await fetch("/api/rotate", { method: "POST" }).catch(() => undefined);
    setSaid(response?.ok ? "Done: it signs with its next key as soon as everybody can know it." : "That did not work.");
  };
  return (
    <p class="aside">
      An authority changes its signing key from time to time, here every minute. Nobody is refused for it.{" "}
      <button type="button" class="plain" onClick={rotate}>
        Change it now
      </button>{" "}
      <span role="status">{said}</span>
    </p>
  );
}
