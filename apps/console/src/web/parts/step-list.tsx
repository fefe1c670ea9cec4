import type { JSX } from "preact";
import { STEPS, type StepId } from "../../shared/steps.ts";

const SAID = {
  passed: "passed",
  stopped: "stopped here",
  owner: "only its owner can pass",
  unreached: "never reached",
};

/**
 * The verification order, and how far something came in it.
 *
 * @param stoppedAt Where it ended; `undefined` if it passed everything. @param asOwner Ended where only the proof of the
 * owner is missing, which is no fault of the token's.
 */
export function StepList(props: {
  stoppedAt: StepId | undefined;
  asOwner?: boolean;
  why?: string | undefined;
}): JSX.Element {
  const end = props.stoppedAt === undefined ? STEPS.length : STEPS.findIndex(({ id }) => id === props.stoppedAt);
  return (
    <ol class="steps">
      {STEPS.map(({ id, title, explanation }, i) => {
        const came = i < end ? "passed" : i > end ? "unreached" : props.asOwner ? "owner" : "stopped";
        return (
          <li key={id} class={`step ${came}`} data-step={id} data-came={came} style={{ "--i": Math.min(i, end) }}>
            <span class="bead" aria-hidden="true">
              {came === "passed" ? "✓" : came === "stopped" ? "✕" : i + 1}
            </span>
            <span class="step-text">
              <strong class="step-title">{title}</strong> <em>{SAID[came]}</em>
              {(came === "stopped" || came === "owner") && (
                <>
                  <span class="more">{explanation}</span>
                  {props.why && <span class="more why">{props.why}</span>}
                </>
              )}
            </span>
          </li>
        );
      })}
    </ol>
  );
}
