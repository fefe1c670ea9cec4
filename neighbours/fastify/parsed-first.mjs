// What happens in a route of one's own: Fastify has read the body, and the answer names the plugin.
import { attestNodeHandler } from "@attest/mcp-server";
import fastify from "fastify";
import { makeGuard } from "neighbour-kit/guard";
import { ready } from "neighbour-kit/server";

const app = fastify();
const gate = attestNodeHandler((_req, res) => res.end("served"), await makeGuard());
app.all("/mcp", (request, reply) => gate(request.raw, reply.hijack().raw)); // @attest
await app.listen({ port: 0, host: "127.0.0.1" });
ready(app.server);
