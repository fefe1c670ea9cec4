// A server of the SDK of the handshake era as it is published, with what the conformance suite asks for.
import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { InMemoryEventStore } from "@modelcontextprotocol/sdk/examples/shared/inMemoryEventStore.js";
import { createMcpExpressApp } from "@modelcontextprotocol/sdk/server/express.js";
import { Server } from "@modelcontextprotocol/sdk/server/index.js";
import { StreamableHTTPServerTransport } from "@modelcontextprotocol/sdk/server/streamableHttp.js";
import * as types from "@modelcontextprotocol/sdk/types.js";
import { listed, object, PROMPTS, read, TOOLS as SHARED, string, text } from "./content.mjs";

const titled = (names) => names.map((title, i) => ({ const: `value${i + 1}`, title }));
const OPTIONS = ["option1", "option2", "option3"];

/** What is asked of the user, by the tool that asks. */
const FORMS = {
  test_elicitation_sep1034_defaults: {
    name: { type: "string", default: "John Doe" },
    age: { type: "integer", default: 30 },
    score: { type: "number", default: 95.5 },
    status: { type: "string", enum: ["active", "inactive", "pending"], default: "active" },
    verified: { type: "boolean", default: true },
  },
  test_elicitation_sep1330_enums: {
    untitledSingle: { type: "string", enum: OPTIONS },
    titledSingle: { type: "string", oneOf: titled(["First Option", "Second Option", "Third Option"]) },
    legacyEnum: {
      type: "string",
      enum: ["opt1", "opt2", "opt3"],
      enumNames: ["Option One", "Option Two", "Option Three"],
    },
    untitledMulti: { type: "array", items: { type: "string", enum: OPTIONS } },
    titledMulti: { type: "array", items: { anyOf: titled(["First Choice", "Second Choice", "Third Choice"]) } },
  },
};

/** Tools: what each has as its input, and the content of its answer. `extra` is what the SDK hands to a handler. */
const TOOLS = {
  ...SHARED,
  test_tool_with_logging: [
    object(),
    async (_, { sendNotification }) => {
      for (const data of ["Tool execution started", "Tool processing data", "Tool execution completed"]) {
        await sendNotification({ method: "notifications/message", params: { level: "info", data } });
        await sleep(50);
      }
      return [text("logged")];
    },
  ],
  test_tool_with_progress: [
    object(),
    async (_, { sendNotification, _meta }) => {
      const { progressToken } = _meta ?? {};
      for (const progress of [0, 50, 100]) {
        const params = { progressToken, progress, total: 100 };
        if (progressToken !== undefined) await sendNotification({ method: "notifications/progress", params });
        await sleep(50);
      }
      return [text("done")];
    },
  ],
  test_sampling: [
    object({ prompt: string }),
    async ({ prompt }, { sendRequest }) => {
      const params = { messages: [{ role: "user", content: text(prompt) }], maxTokens: 100 };
      const sampled = await sendRequest({ method: "sampling/createMessage", params }, types.CreateMessageResultSchema);
      return [text(`LLM response: ${sampled.content.text}`)];
    },
  ],
  test_elicitation: [
    object({ message: string }),
    async ({ message }, extra) => [
      text(`User response: ${await elicited(extra, message, { username: string, email: string })}`),
    ],
  ],
  ...Object.fromEntries(
    Object.entries(FORMS).map(([name, properties]) => [
      name,
      [
        object(),
        async (_, extra) => [text(`Elicitation completed: ${await elicited(extra, "Choose", properties, [])}`)],
      ],
    ]),
  ),
  test_reconnection: [
    object(),
    async (_, { closeSSEStream }) => {
      closeSSEStream?.();
      await sleep(100);
      return [text("Reconnection test completed successfully")];
    },
  ],
};

async function elicited({ sendRequest }, message, properties, required = Object.keys(properties)) {
  const params = { message, requestedSchema: object(properties, required) };
  const { action, content } = await sendRequest({ method: "elicitation/create", params }, types.ElicitResultSchema);
  return `action=${action}, content=${JSON.stringify(content ?? {})}`;
}

function build() {
  const capabilities = { tools: {}, prompts: {}, resources: { subscribe: true }, logging: {}, completions: {} };
  const server = new Server({ name: "conformance", version: "1.0.0" }, { capabilities });
  const on = (schema, handle) => server.setRequestHandler(schema, handle);
  const { tools, prompts, resources, resourceTemplates, completion } = listed(TOOLS);
  on(types.ListToolsRequestSchema, () => ({ tools }));
  on(types.CallToolRequestSchema, async ({ params: { name, arguments: args = {} } }, extra) => {
    const [, run] = TOOLS[name] ?? [];
    if (!run) throw new types.McpError(-32602, `There is no tool ${name}`);
    try {
      return { content: await run(args, extra) };
    } catch (error) {
      return { isError: true, content: [text(error.message)] };
    }
  });
  on(types.ListPromptsRequestSchema, () => ({ prompts }));
  on(types.GetPromptRequestSchema, ({ params: { name, arguments: args = {} } }) => ({
    messages: PROMPTS[name][1](args).map((content) => ({ role: "user", content })),
  }));
  on(types.ListResourcesRequestSchema, () => ({ resources }));
  on(types.ListResourceTemplatesRequestSchema, () => ({ resourceTemplates }));
  on(types.ReadResourceRequestSchema, ({ params: { uri } }) => {
    const contents = read(uri);
    if (!contents) throw new types.McpError(-32002, `There is no ${uri}`);
    return { contents: [contents] };
  });
  for (const schema of [types.SubscribeRequestSchema, types.UnsubscribeRequestSchema]) on(schema, () => ({}));
  on(types.CompleteRequestSchema, () => ({ completion }));
  return server;
}

const sessions = new Map();
const app = createMcpExpressApp();
app.all("/mcp", async (req, res) => {
  const id = req.headers["mcp-session-id"];
  let transport = sessions.get(id);
  if (id !== undefined && !transport) return void res.status(404).end();
  if (!transport) {
    transport = new StreamableHTTPServerTransport({
      sessionIdGenerator: randomUUID,
      onsessioninitialized: (given) => sessions.set(given, transport),
      onsessionclosed: (given) => sessions.delete(given),
      eventStore: new InMemoryEventStore(),
      retryInterval: 500,
    });
    await build().connect(transport);
  }
  await transport.handleRequest(req, res, req.body);
});
app.listen(Number(process.env.PORT), "127.0.0.1");
