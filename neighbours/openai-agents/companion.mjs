import { MCPServerStdio } from "@openai/agents";
import { callBoth, companion } from "neighbour-kit/companion";

const { command, args } = companion;
const server = new MCPServerStdio({ name: "server", command, args });
await server.connect();
await callBoth((name) => server.callTool(name, {}));
await server.close();
