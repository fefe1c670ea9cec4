// Nest installs its body parser when the application starts; what is used before that comes first.
import "reflect-metadata";
import { attestationOf, attestNodeHandler, attestServer } from "@attest/mcp-server";
import { Module } from "@nestjs/common";
import { NestFactory } from "@nestjs/core";
import { Ctx, Payload } from "@nestjs/microservices";
import { McpController, McpStrategy, StreamableHttpTransport, Tool } from "@rekog/mcp-nest";
import { makeGuard } from "neighbour-kit/guard";
import { ready, whoami } from "neighbour-kit/server";

const guard = await makeGuard();

class WhoamiController {
  whoami(_payload, context) {
    return whoami(attestationOf(context.sdkContext));
  }
}
// What a TypeScript compiler makes of the decorators.
const method = [WhoamiController.prototype, "whoami"];
Tool({ name: "whoami", description: "Says who calls" })(...method, Object.getOwnPropertyDescriptor(...method));
Payload()(...method, 0);
Ctx()(...method, 1);
McpController()(WhoamiController);

const mcp = new McpStrategy({
  name: "server",
  version: "1.0.0",
  transports: [new StreamableHttpTransport({ statefulMode: true })],
  serverMutator: (server) => attestServer(server, guard), // @attest
});
class AppModule {}
Module({ controllers: [WhoamiController] })(AppModule);

const app = await NestFactory.create(AppModule, { logger: false });
const gate = attestNodeHandler((_req, _res, _body, next) => next(), guard); // @attest
app.use("/mcp", gate); // @attest
mcp.setHttpAdapter(app.getHttpAdapter());
app.connectMicroservice({ strategy: mcp });
await app.startAllMicroservices();
await app.listen(0, "127.0.0.1");
ready(app.getHttpServer());
