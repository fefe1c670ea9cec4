import type { IncomingMessage, ServerResponse } from "node:http";
import type { AttestationGuard } from "../guard/attestation-guard.ts";
import type { AttachOptions } from "./attach-options.ts";
import { attestNodeHandler, type NodeHandler } from "./attest-node-handler.ts";

/** The part of a Fastify instance that the plugin touches. */
export interface FastifyLike {
  /** Leaves bodies unparsed, in this plugin's scope. */
  removeAllContentTypeParsers(): unknown;
  /** Takes every content type, for the guard to read. */
  addContentTypeParser(type: string, parser: (...args: never[]) => void): unknown;
  /** Mounts the endpoint. */
  // biome-ignore lint/suspicious/noExplicitAny: Fastify's own types, which this package does not import
  route(options: { method: any; url: string; handler: (request: any, reply: any) => unknown }): unknown;
}

/**
 * A Fastify plugin that guards an MCP endpoint: `app.register(attestFastify(handler, guard), { prefix: "/mcp" })`. It takes
 * POST, GET and DELETE, and leaves bodies unparsed in its own scope only, so that the guard verifies what was sent.
 *
 * @param handler Gets the raw Node request and response: `(req, res, body) => transport.handleRequest(req, res, body)`.
 * @param guard Decides about every message.
 * @param options What the gate does with bodies and streams. Default: the defaults of `AttachOptions`.
 * @throws AttestationError `ERR_OPTION` for an option that makes no sense.
 */
export function attestFastify(
  handler: NodeHandler,
  guard: AttestationGuard,
  options: AttachOptions = {},
): (scope: FastifyLike) => Promise<void> {
  const guarded = attestNodeHandler(handler, guard, options);
  return async (scope) => {
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser("*", (_request: never, _payload: never, done: (error: null) => void) => done(null));
    scope.route({
      method: ["POST", "GET", "DELETE", "OPTIONS"],
      url: "/",
      handler: async (request: { raw: IncomingMessage }, reply: { raw: ServerResponse; hijack(): void }) => {
        reply.hijack();
        await guarded(request.raw, reply.raw);
      },
    });
  };
}
