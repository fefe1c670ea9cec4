import type { Allow } from "@attest/core";
import type { JSX } from "preact";
import { allowInWords } from "../words.ts";

/** One sub-agent in a chain, as somebody says it: the bank who verified it, or a pasted token. */
export interface ChainStep {
  readonly name?: string | undefined;
  readonly keyThumbprint?: string | undefined;
  readonly allow?: Allow | undefined;
  /** What else there is to say of the link. */
  readonly facts?: readonly (readonly [label: string, value: string])[];
  /** What is wrong with it. */
  readonly problem?: string | undefined;
}

/** Who delegated to whom, from the attested agent down, and what each link opens. */
export function Chain({ root, steps }: { root: string; steps: readonly ChainStep[] }): JSX.Element {
  return (
    <ol class="chain" aria-label="Who delegated to whom">
      <li class="chain-step" data-chain-root>
        <strong>{root}</strong> <span class="quiet">is attested, and answers for all below</span>
      </li>
      {steps.map(({ name, keyThumbprint, allow, facts = [], problem }, i) => (
        <li key={keyThumbprint ?? i} class="chain-step" data-chain-step={name ?? ""}>
          <span class="quiet">delegated to</span> <strong>{name ?? "a sub-agent without a name"}</strong>
          <dl class="facts">
            <dt>May</dt>
            <dd data-allow>
              {allowInWords(allow).map((line) => (
                <span class="opens" key={line}>
                  {line}
                </span>
              ))}
            </dd>
            {keyThumbprint && (
              <>
                <dt>By its key</dt>
                <dd>
                  <code>{keyThumbprint}</code>
                </dd>
              </>
            )}
            {facts.map(([label, value]) => (
              <Fact key={label} label={label} value={value} />
            ))}
          </dl>
          {problem && <p class="verdict no">{problem}</p>}
        </li>
      ))}
    </ol>
  );
}

function Fact({ label, value }: { label: string; value: string }): JSX.Element {
  return (
    <>
      <dt>{label}</dt>
      <dd>{value}</dd>
    </>
  );
}
