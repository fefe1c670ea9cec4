import { MCPServerStdio } from "@openai/agents";
import { callBoth, companion } from "neighbour-kit/companion";

const { command, args } = companion;
// Its patience of five seconds covers the start of what it starts.
const server = new MCPServerStdio({ name: "server", command, args, clientSessionTimeoutSeconds: 60 });
await server.connect();
await callBoth((name) => server.callTool(name, {}));
await server.close();
