import type { JSX } from "preact";
import { Activity } from "./parts/activity.tsx";
import { Agents } from "./parts/agents.tsx";
import { AttackLab } from "./parts/attack-lab.tsx";
import { Flow } from "./parts/flow.tsx";
import { Inspector } from "./parts/inspector.tsx";
import { ThemeToggle } from "./parts/theme-toggle.tsx";
import { TimingPlot } from "./parts/timing-plot.tsx";
import { useDemo } from "./use-demo.ts";

/** The page: what this is about, who is calling, what happens, and three things to try. */
export function App(): JSX.Element {
  const demo = useDemo();
  return (
    <>
      <a class="skip" href="#main">
        Skip to the live view
      </a>
      <header class="top">
        <span class="brand">
          <span class="mark" aria-hidden="true" />
          @attest <span class="quiet">live console</span>
        </span>
        <span class="status" role="status">
          <span class={demo?.connected ? "dot live" : "dot"} aria-hidden="true" />
          {demo?.connected ? "Live" : "Connecting…"}
        </span>
        <ThemeToggle />
      </header>
      <main id="main">
        <section class="intro">
          <h1>Which agent is calling, and can it prove it?</h1>
          <p>
            AI agents use tools on servers. Here, a small bank serves only agents that can prove who they are.
            Everything on this page is really happening on this machine: the agents, the bank, the signatures and the
            attacks.
          </p>
          {demo && <Flow totals={demo.state.totals} />}
        </section>
        {demo && (
          <>
            <div class="pair">
              <Agents agents={demo.state.agents} />
              <Activity lines={demo.state.lines} />
            </div>
            <AttackLab attacks={demo.profile.attacks} />
            <TimingPlot timings={demo.state.timings} />
            <Inspector />
            <footer class="foot">
              <p>
                {demo.profile.replicas === 1
                  ? "One bank server"
                  : `${demo.profile.replicas} bank servers behind one address`}
                , remembering used proofs in {demo.profile.replayCache === "Redis" ? "a shared Redis" : "memory"}. Every
                tool call is attested for <code>{demo.profile.audience}</code>.
              </p>
            </footer>
          </>
        )}
      </main>
    </>
  );
}
