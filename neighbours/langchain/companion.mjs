import { MultiServerMCPClient } from "@langchain/mcp-adapters";
import { callBoth, companion } from "neighbour-kit/companion";

const { command, args } = companion;
const client = new MultiServerMCPClient({ mcpServers: { bank: { transport: "stdio", command, args } } });
const tools = await client.getTools();
await callBoth((name) => tools.find((tool) => tool.name === name).invoke({}));
await client.close();
