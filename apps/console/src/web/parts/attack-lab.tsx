import type { JSX } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import type { AttackOutcome, AttackProfile } from "../../shared/feed.ts";
import { stepOf } from "../../shared/steps.ts";
import { reasonInWords } from "../words.ts";
import { StepList } from "./step-list.tsx";

type Run =
  | { readonly of: AttackProfile; readonly state: "running" }
  | { readonly of: AttackProfile; readonly state: "done"; readonly result: AttackOutcome; readonly turn: number }
  | { readonly of: AttackProfile; readonly state: "failed" };

/** Launches attacks on the live server and shows where each is stopped. */
export function AttackLab({ attacks }: { attacks: readonly AttackProfile[] }): JSX.Element {
  const [run, setRun] = useState<Run>();
  const outcome = useRef<HTMLDivElement>(null);
  const running = run?.state === "running";

  useEffect(() => {
    // On a phone the answer is below the list.
    if (run?.state === "done") outcome.current?.scrollIntoView({ block: "nearest" });
  }, [run]);

  const launch = async (of: AttackProfile): Promise<void> => {
    setRun({ of, state: "running" });
    try {
      const response = await fetch(`/api/attacks/${encodeURIComponent(of.id)}`, { method: "POST" });
      if (!response.ok) throw new Error(`The console answered ${response.status}`);
      setRun({ of, state: "done", result: await response.json(), turn: Date.now() });
    } catch {
      setRun({ of, state: "failed" });
    }
  };

  return (
    <section class="panel" aria-labelledby="attacks-title">
      <h2 id="attacks-title">Try to break in</h2>
      <p class="lead">
        Pick an attack. It is carried out on the bank that the agents above are using, right after the same request made
        honestly, so that a refusal means something.
      </p>
      <div class="lab">
        <ul class="attacks">
          {attacks.map((attack) => (
            <li key={attack.id}>
              <button
                type="button"
                class="attack"
                data-attack={attack.id}
                aria-current={run?.of.id === attack.id}
                aria-disabled={running}
                onClick={() => !running && launch(attack)}
              >
                <strong>{attack.name}</strong>
                <span>{attack.description}.</span>
              </button>
            </li>
          ))}
        </ul>
        <div class="outcome" ref={outcome} aria-live="polite" aria-busy={running}>
          <Outcome run={run} />
        </div>
      </div>
    </section>
  );
}

function Outcome({ run }: { run: Run | undefined }): JSX.Element {
  if (!run)
    return <p class="empty">What the bank checks, in its order, will show here, and the check that ends the attack.</p>;
  if (run.state === "running") return <p class="empty">{run.of.name}: attacking…</p>;
  if (run.state === "failed") return <p class="empty">The attack could not be launched. Is the demo still running?</p>;
  const { result } = run;
  if (result.outcome !== "blocked") {
    return (
      <p class="verdict no" data-outcome={result.outcome}>
        <strong>{result.outcome === "breached" ? "It got in." : "Inconclusive."}</strong> {result.evidence}
      </p>
    );
  }
  return (
    <>
      <p class="verdict ok" data-outcome="blocked">
        <strong>Stopped:</strong> {result.defence}.
      </p>
      <StepList
        key={run.turn}
        stoppedAt={result.code && stepOf(result.code)}
        why={result.reason && `The attacker learns only this: ${reasonInWords(result.reason)}.`}
      />
      <dl class="facts">
        <dt>Told to the attacker</dt>
        <dd>
          <code data-reason>{result.reason}</code>
        </dd>
        <dt>In the bank's own log</dt>
        <dd>
          <code data-code>{result.code}</code>
        </dd>
      </dl>
    </>
  );
}
