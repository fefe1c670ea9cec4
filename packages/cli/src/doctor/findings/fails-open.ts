import type { Probe } from "../probe.ts";
import type { StrangerProbe } from "../survey.ts";
import type { Check } from "./finding.ts";
import { lacksGate } from "./gate.ts";

/** JSON-RPC errors that only a server's own dispatcher makes: the method is not there, the parameters are wrong. */
const DISPATCHED: readonly unknown[] = [-32601, -32602];

/** The server declares that it requires attestation, and serves a stranger. */
export const failsOpen: Check = function* ({ isRequired, initialize, survey }) {
  if (!isRequired || !survey) return;
  const asked: StrangerProbe[] = [...survey.strangers];
  // A server without a handshake may answer `initialize` with an error of its own.
  if (initialize.outcome === "result") asked.unshift({ request: "initialize", probe: initialize });
  const open = asked.find(({ probe }) => reachedServer(probe));
  if (!open) return;
  yield {
    name: "fails-open",
    level: "fault",
    seen: `The server declares that it requires attestation, and answers ${open.request} without credentials: ${described(open.probe)}.`,
    change:
      "Find the way that this request takes around the guard: every route, every protocol era and every server behind the endpoint needs it. Put attestServer(server, guard) around each server as the second lock.",
  };
};

/** Another spelling of the address leads to the server without passing the gate. */
export const aroundGate: Check = function* (evidence) {
  const { isRequired, survey } = evidence;
  if (!isRequired || !survey || lacksGate(evidence)) return;
  if (survey.strangers.some(({ probe }) => reachedServer(probe))) return;
  for (const { url, strangers } of survey.spellings) {
    const open = strangers.find(({ probe }) => reachedServer(probe) || reachedTransport(probe));
    if (!open) continue;
    yield {
      name: "endpoint-around-gate",
      level: "fault",
      seen: `At ${url}, another spelling of the address, ${open.request} reaches the server without passing the gate: ${described(open.probe)}.`,
      change:
        'Mount the gate for the router\'s whole route, which takes every spelling that the server takes: app.use("/mcp", gate). Put attestServer(server, guard) around each server as the second lock.',
    };
    return;
  }
};

function reachedServer(probe: Probe): boolean {
  if (probe.outcome === "result") return true;
  return probe.outcome === "error" && probe.reason === undefined && DISPATCHED.includes(probe.code);
}

/** Whether an MCP transport answered for itself, such as that the server is not initialized. */
function reachedTransport(probe: Probe): boolean {
  return probe.outcome === "error" && probe.reason === undefined && !probe.byGate;
}

function described(probe: Probe): string {
  if (probe.outcome === "error") return `${probe.message ?? "an error"} (${probe.code ?? "no code"})`;
  return "a result";
}
