import type { AttestationGuard } from "../guard/attestation-guard.ts";
import { warnOnce } from "../warn-once.ts";
import { type GateReply, reply } from "./http-gate.ts";

const MESSAGE =
  "The guard could not read the request: a body parser read it first. Mount the guard before the parser, or keep the raw " +
  "body: express.json({ verify: keepRawBody }); where the parser is not yours, as in createMcpExpressApp(), " +
  'server.prependListener("request", keepRawBody) on the HTTP server; in Fastify, attestFastify';

/**
 * The answer to a request whose body something else read before the gate (`ERR_BODY_CONSUMED`). The mistake is the
 * server's, so the answer says what it is. Returns `undefined` for a guard that only reports.
 */
export function bodyConsumed(guard: AttestationGuard): GateReply | undefined {
  warnOnce("ATTEST_BODY_CONSUMED", MESSAGE);
  const decision = guard.refuse(undefined, { code: "ERR_BODY_CONSUMED" });
  if (decision.action !== "reply") return undefined;
  const message = { jsonrpc: "2.0", id: null, error: { code: -32603, message: MESSAGE } };
  return reply({ ...decision, status: 500, message });
}
