import type { BodilessProbe } from "../survey.ts";
import type { Check, Evidence, Finding } from "./finding.ts";

/** Whether the guard stands behind the HTTP transport, and no gate before it. */
export function lacksGate({ initialize, survey }: Evidence): boolean {
  const refusals = [initialize, ...(survey?.strangers ?? []).map(({ probe }) => probe)].filter(
    (probe) => probe.outcome === "error" && probe.reason !== undefined,
  );
  return refusals.length > 0 && refusals.every((probe) => probe.outcome === "error" && !probe.byGate);
}

/** Requests are refused by the server itself: credentials in HTTP fields are not read. */
export const gate: Check = function* (evidence) {
  if (!lacksGate(evidence)) return;
  yield {
    name: "no-gate",
    level: "fault",
    seen: "Refusals come without the field Agent-Attestation-Error: a guard stands behind the HTTP transport and none before it, or a proxy removes the field. A client's credentials in HTTP fields are not read.",
    change:
      'Put a gate before the transport: app.use("/mcp", attestNodeHandler((req, res, body) => transport.handleRequest(req, res, body), guard)), or attestHandler(handler, guard). A proxy must pass the Agent-Attestation fields both ways.',
  };
};

/** GET and DELETE reach the transport without passing the gate: a stranger who knows a session can read it or end it. */
export const bodilessMethods: Check = function* (evidence) {
  if (lacksGate(evidence)) return;
  const { survey, ownSession, isRequired } = evidence;
  for (const method of ["GET", "DELETE"] as const) {
    const name = method === "GET" ? "get" : "delete";
    const own = ownSession?.[name];
    const invented = isRequired ? survey?.[name] : undefined;
    if (own && isServed(own))
      yield outside(method, `a session that belongs to an agent is answered with ${own.status}`);
    else if (invented?.outcome === "answered" && passedGate(invented)) {
      yield outside(method, `an invented session is answered with ${invented.status} by the server, not by the gate`);
    }
  }
};

function outside(method: "GET" | "DELETE", what: string): Finding {
  return {
    name: method === "GET" ? "get-outside-gate" : "delete-outside-gate",
    level: "fault",
    seen: `${method} without credentials for ${what}: who knows a session's id can ${method === "GET" ? "read its messages" : "end it"}.`,
    change: `Mount the gate for POST, GET and DELETE: app.use("/mcp", gate) or app.all("/mcp", gate) in place of app.post, app.get and app.delete.`,
  };
}

function isServed(probe: BodilessProbe): probe is Extract<BodilessProbe, { outcome: "answered" }> {
  return probe.outcome === "answered" && probe.status >= 200 && probe.status < 300;
}

/** Whether a request for a session that does not exist got past the gate, as the answer of an MCP transport shows. */
function passedGate(probe: Extract<BodilessProbe, { outcome: "answered" }>): boolean {
  if (probe.reason !== undefined) return false;
  const { status, isJsonRpc } = probe;
  // A route that is not there (404, 405) passes nobody on; a login or a proxy in front (401, 403, 429) hides what is behind.
  return isServed(probe) || [400, 406].includes(status) || (status === 404 && isJsonRpc);
}
