// A server of the SDK as it is published, with the tools, resources and prompts that the conformance suite asks for.
import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { InMemoryEventStore } from "@modelcontextprotocol/sdk/examples/shared/inMemoryEventStore.js";
import { createMcpExpressApp } from "@modelcontextprotocol/sdk/server/express.js";
import { Server } from "@modelcontextprotocol/sdk/server/index.js";
import { StreamableHTTPServerTransport } from "@modelcontextprotocol/sdk/server/streamableHttp.js";
import * as types from "@modelcontextprotocol/sdk/types.js";

const PNG = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg==";
const WAV = "UklGRiQAAABXQVZFZm10IBAAAAABAAEARKwAAIhYAQACABAAZGF0YQAAAAA=";
const text = (said) => ({ type: "text", text: said });
const image = { type: "image", data: PNG, mimeType: "image/png" };
const embedded = (uri, said, mimeType = "text/plain") => ({
  type: "resource",
  resource: { uri, mimeType, text: said },
});
const object = (properties = {}) => ({ type: "object", properties, required: Object.keys(properties) });
const string = { type: "string" };
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
  test_simple_text: [object(), () => [text("This is a simple text response for testing.")]],
  test_image_content: [object(), () => [image]],
  test_audio_content: [object(), () => [{ type: "audio", data: WAV, mimeType: "audio/wav" }]],
  test_embedded_resource: [
    object(),
    () => [embedded("test://embedded-resource", "This is an embedded resource content.")],
  ],
  test_multiple_content_types: [
    object(),
    () => [
      text("Multiple content types test:"),
      image,
      embedded("test://mixed-content-resource", '{"test":"data","value":123}', "application/json"),
    ],
  ],
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
  test_error_handling: [
    object(),
    () => {
      throw new Error("This tool intentionally returns an error for testing");
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
  json_schema_2020_12_tool: [
    {
      $schema: "https://json-schema.org/draft/2020-12/schema",
      type: "object",
      $defs: { address: { type: "object", properties: { street: string, city: string } } },
      properties: { name: string, address: { $ref: "#/$defs/address" } },
      additionalProperties: false,
    },
    () => [text("well")],
  ],
};

const PROMPTS = {
  test_simple_prompt: [[], () => [text("This is a simple prompt for testing.")]],
  test_prompt_with_arguments: [
    ["arg1", "arg2"],
    ({ arg1, arg2 }) => [text(`Prompt with arguments: arg1='${arg1}', arg2='${arg2}'`)],
  ],
  test_prompt_with_embedded_resource: [
    ["resourceUri"],
    ({ resourceUri }) => [
      embedded(resourceUri, "Embedded resource content for testing."),
      text("Please process the embedded resource above."),
    ],
  ],
  test_prompt_with_image: [[], () => [image, text("Please analyze the image above.")]],
};

const RESOURCES = {
  "test://static-text": { mimeType: "text/plain", text: "This is the content of the static text resource." },
  "test://static-binary": { mimeType: "image/png", blob: PNG },
  "test://watched-resource": { mimeType: "text/plain", text: "watched" },
};

async function elicited({ sendRequest }, message, properties, required = Object.keys(properties)) {
  const params = { message, requestedSchema: { type: "object", properties, required } };
  const { action, content } = await sendRequest({ method: "elicitation/create", params }, types.ElicitResultSchema);
  return `action=${action}, content=${JSON.stringify(content ?? {})}`;
}

function read(uri) {
  if (RESOURCES[uri]) return { uri, ...RESOURCES[uri] };
  const [, id] = /^test:\/\/template\/([^/]+)\/data$/.exec(uri) ?? [];
  if (id === undefined) throw new types.McpError(-32002, `There is no ${uri}`);
  const data = JSON.stringify({ id, templateTest: true, data: `Data for ID: ${id}` });
  return { uri, mimeType: "application/json", text: data };
}

function build() {
  const capabilities = { tools: {}, prompts: {}, resources: { subscribe: true }, logging: {}, completions: {} };
  const server = new Server({ name: "conformance", version: "1.0.0" }, { capabilities });
  const on = (schema, handle) => server.setRequestHandler(schema, handle);
  on(types.ListToolsRequestSchema, () => ({
    tools: Object.entries(TOOLS).map(([name, [inputSchema]]) => ({
      name,
      description: `The suite's ${name}`,
      inputSchema,
    })),
  }));
  on(types.CallToolRequestSchema, async ({ params: { name, arguments: args = {} } }, extra) => {
    const [, run] = TOOLS[name] ?? [];
    if (!run) throw new types.McpError(-32602, `There is no tool ${name}`);
    try {
      return { content: await run(args, extra) };
    } catch (error) {
      return { isError: true, content: [text(error.message)] };
    }
  });
  on(types.ListPromptsRequestSchema, () => ({
    prompts: Object.entries(PROMPTS).map(([name, [names]]) => ({
      name,
      description: `The suite's ${name}`,
      arguments: names.map((each) => ({ name: each, required: true })),
    })),
  }));
  on(types.GetPromptRequestSchema, ({ params: { name, arguments: args = {} } }) => ({
    messages: PROMPTS[name][1](args).map((content) => ({ role: "user", content })),
  }));
  on(types.ListResourcesRequestSchema, () => ({
    resources: Object.entries(RESOURCES).map(([uri, { mimeType }]) => ({ uri, name: uri, mimeType })),
  }));
  on(types.ListResourceTemplatesRequestSchema, () => ({
    resourceTemplates: [{ uriTemplate: "test://template/{id}/data", name: "template" }],
  }));
  on(types.ReadResourceRequestSchema, ({ params: { uri } }) => ({ contents: [read(uri)] }));
  for (const schema of [types.SubscribeRequestSchema, types.UnsubscribeRequestSchema]) on(schema, () => ({}));
  on(types.CompleteRequestSchema, () => ({ completion: { values: ["paris", "park", "party"] } }));
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
