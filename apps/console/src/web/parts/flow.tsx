import type { JSX } from "preact";
import type { ConsoleState } from "../feed-store.ts";

/** The whole idea in three steps, each with its live number. */
export function Flow({ totals }: { totals: ConsoleState["totals"] }): JSX.Element {
  return (
    <ol class="flow">
      <Stage
        number={totals.issued}
        unit="IDs issued"
        title="An authority vouches"
        text="A model provider or a company's identity service checks the agent and signs a short-lived ID for its key."
      />
      <Stage
        number={totals.verified}
        unit="requests verified"
        title="The agent signs every request"
        text="With the key inside its ID, for this server, this content, and one single use."
      />
      <Stage
        number={totals.refused}
        unit="refused"
        title="The bank checks before it acts"
        text="In a fixed order, before any tool runs. The first check that fails ends it."
      />
    </ol>
  );
}

function Stage(props: { number: number; unit: string; title: string; text: string }): JSX.Element {
  return (
    <li class="stage">
      <h2>{props.title}</h2>
      <p>{props.text}</p>
      <p class="figure">
        <strong>{props.number.toLocaleString("en")}</strong> {props.unit}
      </p>
    </li>
  );
}
