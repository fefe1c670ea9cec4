import type { JSX } from "preact";
import { shortIssuer } from "../words.ts";

/** What one authority says of an agent. */
export interface LayerSaid {
  readonly issuer: string;
  readonly subject: string;
  /** How far the bank trusts that authority, where it has verified this. */
  readonly trustLevel?: string;
}

/** The statements in one attestation, from the outermost. */
export function Layers({ layers }: { layers: readonly LayerSaid[] }): JSX.Element {
  return (
    <ol class="layers" aria-label="What each authority says">
      {layers.map(({ issuer, subject, trustLevel }, i) => (
        <li key={issuer} data-layer={issuer}>
          {i > 0 && <span class="quiet">and in it, </span>}
          <strong>{shortIssuer(issuer)}</strong> says: <code>{subject}</code>
          {trustLevel && <span class="quiet"> ({trustLevel})</span>}
        </li>
      ))}
    </ol>
  );
}
