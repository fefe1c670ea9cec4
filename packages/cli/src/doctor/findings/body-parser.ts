import type { Check } from "./finding.ts";

/** How the guard's own answer begins where a body parser read the request before it. */
const GUARD_SAYS = "The guard could not read the request";

/** A body parser stands before the gate: nobody gets in. */
export const bodyParser: Check = function* ({ initialize }) {
  if (initialize.outcome !== "error" || !initialize.message?.startsWith(GUARD_SAYS)) return;
  yield {
    name: "body-parser",
    level: "fault",
    seen: `POST is answered with ${initialize.status}: the body was read before the guard could read it.`,
    change:
      'Mount the gate before the parser: app.use("/mcp", gate) above app.use(express.json()). Or keep the bytes: app.use(express.json({ verify: keepRawBody })); with createMcpExpressApp: server.prependListener("request", keepRawBody); with Fastify: attestFastify.',
  };
};
