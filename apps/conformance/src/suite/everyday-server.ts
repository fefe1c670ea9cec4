import { McpServer } from "@modelcontextprotocol/server";

/** A server with some of what the conformance suite of MCP asks servers for: a tool that answers, one that fails, a resource, a prompt. */
export function everydayServer(): McpServer {
  const server = new McpServer({ name: "everyday", version: "1.0.0" });
  server.registerTool("test_simple_text", { description: "Answers with a text" }, () => ({
    content: [{ type: "text", text: "This is a simple text response for testing." }],
  }));
  server.registerTool("test_error_handling", { description: "Fails" }, () => ({
    content: [{ type: "text", text: "This tool intentionally returns an error for testing" }],
    isError: true,
  }));
  server.registerResource("static-text", "test://static-text", { mimeType: "text/plain" }, ({ href: uri }) => ({
    contents: [{ uri, mimeType: "text/plain", text: "This is the content of the static text resource." }],
  }));
  server.registerPrompt("test_simple_prompt", { description: "A prompt without arguments" }, () => ({
    messages: [{ role: "user", content: { type: "text", text: "This is a simple prompt for testing." } }],
  }));
  return server;
}
