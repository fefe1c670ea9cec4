import { createMCPClient } from "@ai-sdk/mcp";
import { Experimental_StdioMCPTransport as StdioTransport } from "@ai-sdk/mcp/mcp-stdio";
import { callBoth, companion } from "neighbour-kit/companion";

const { command, args } = companion;
const client = await createMCPClient({ transport: new StdioTransport({ command, args }) });
const tools = await client.tools();
await callBoth((name) => tools[name].execute({}, { toolCallId: name, messages: [] }));
await client.close();
