// A server of the SDK of the era 2026-07-28 as it is published, with what the conformance suite asks for.
import { randomBytes } from "node:crypto";
import { createServer } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { toNodeHandler } from "@modelcontextprotocol/node";
import {
  createMcpHandler,
  createRequestStateCodec,
  fromJsonSchema,
  hostHeaderValidationResponse,
  inputRequired,
  localhostAllowedHostnames,
  McpServer,
  ResourceNotFoundError,
} from "@modelcontextprotocol/server";
import { listed, object, PROMPTS, read, TOOLS as SHARED, string, text } from "./content.mjs";

const CAPABILITIES = "io.modelcontextprotocol/clientCapabilities";
const codec = createRequestStateCodec({ key: randomBytes(32) });

const ask = (message, properties) => inputRequired.elicit({ message, requestedSchema: object(properties) });
const name = ask("What is your name?", { name: string });
const sample = (said, maxTokens) =>
  inputRequired.createMessage({ messages: [{ role: "user", content: text(said) }], maxTokens });

/** Asks for what `inputRequests` name, and once the client has answered all of it, says what `said` makes of the answers. */
const asking =
  (inputRequests, said, { stateful = false } = {}) =>
  async ({ inputResponses = {}, requestState }) => {
    const answered = Object.keys(inputRequests).every((each) => inputResponses[each]);
    if (answered && (!stateful || requestState() !== undefined)) return [text(said(inputResponses))];
    return inputRequired({ inputRequests, ...(stateful && { requestState: await codec.mint({ round: 1 }) }) });
  };

/** Asks in two rounds, of which the state in the client's hands tells one from the other. */
async function inRounds({ inputResponses = {}, requestState }) {
  const { round = 0 } = requestState() ?? {};
  if (round === 2 && inputResponses.step2) return [text("Both rounds are done")];
  const next = round === 1 && inputResponses.step1 ? 2 : 1;
  const inputRequests =
    next === 2
      ? { step2: ask("Step 2: What is your favorite color?", { color: string }) }
      : { step1: ask("Step 1: What is your name?", { name: string }) };
  return inputRequired({ inputRequests, requestState: await codec.mint({ round: next }) });
}

/** Asks only for what the client says that it can do. */
function asCapable({ envelope, inputResponses }) {
  if (inputResponses) return [text("done")];
  const can = envelope[CAPABILITIES];
  return inputRequired({
    inputRequests: {
      ...(can.elicitation && { name }),
      ...(can.sampling && { greeting: sample("Generate a greeting", 50) }),
      ...(can.roots && { roots: inputRequired.listRoots() }),
    },
  });
}

/** Tools: what each has as its input, and the content of its answer, or what it asks for. `mcpReq` is what the SDK hands to a handler. */
const TOOLS = {
  ...SHARED,
  test_tool_with_progress: [
    object(),
    async (_, { notify, _meta }) => {
      const { progressToken } = _meta ?? {};
      for (const progress of [0, 50, 100]) {
        const params = { progressToken, progress, total: 100 };
        if (progressToken !== undefined) await notify({ method: "notifications/progress", params });
        await sleep(50);
      }
      return [text("done")];
    },
  ],
  test_logging_tool: [
    object(),
    async (_, { log }) => {
      await log("info", "Of no use to a client that asked for no log");
      return [text("logged")];
    },
  ],
  test_headers: [object({ region: { type: "string", "x-mcp-header": "Region" } }), ({ region }) => [text(region)]],
  test_trigger_tool_change: [object(), () => changed("toolsChanged")],
  test_trigger_prompt_change: [object(), () => changed("promptsChanged")],
  ...Object.fromEntries(
    Object.entries({
      // A client that cannot sample is refused by the SDK.
      missing_capability: asking({ greeting: sample("Generate a greeting", 50) }, () => "can"),
      streaming_elicitation: asking({ name }, () => "done"),
      input_required_result_elicitation: asking(
        { user_name: name },
        ({ user_name }) => `Hello, ${user_name.content?.name}!`,
      ),
      input_required_result_sampling: asking(
        { capital_question: sample("What is the capital of France?", 100) },
        ({ capital_question }) => capital_question.content.text,
      ),
      input_required_result_list_roots: asking({ client_roots: inputRequired.listRoots() }, ({ client_roots }) =>
        client_roots.roots.map(({ uri }) => uri).join(),
      ),
      input_required_result_request_state: asking(
        { confirm: ask("Please confirm", { ok: { type: "boolean" } }) },
        () => "state-ok",
        { stateful: true },
      ),
      input_required_result_multiple_inputs: asking(
        {
          user_name: name,
          greeting: sample("Generate a greeting", 50),
          client_roots: inputRequired.listRoots(),
        },
        () => "all of it",
        { stateful: true },
      ),
      input_required_result_tampered_state: asking({ confirm: name }, () => "untampered", { stateful: true }),
      input_required_result_multi_round: inRounds,
      input_required_result_capabilities: asCapable,
    }).map(([each, run]) => [`test_${each}`, [object(), (_, mcpReq) => run(mcpReq)]]),
  ),
};

const ASKING_PROMPT = "test_input_required_result_prompt";
const askingPrompt = asking(
  { user_context: ask("What context should the prompt use?", { context: string }) },
  ({ user_context }) => `In the context of ${user_context.content?.context}`,
);

function changed(what) {
  handler.notify[what]();
  return [text("changed")];
}

/** What a handler gives back: what it asks for, as it is, or what `complete` makes of its content. */
const result = (given, complete) => (Array.isArray(given) ? complete(given) : given);

async function prompt({ params }, { mcpReq }) {
  const given =
    params.name === ASKING_PROMPT ? await askingPrompt(mcpReq) : PROMPTS[params.name][1](params.arguments ?? {});
  return result(given, (contents) => ({ messages: contents.map((content) => ({ role: "user", content })) }));
}

function build() {
  const capabilities = { prompts: { listChanged: true }, resources: {}, logging: {}, completions: {} };
  const info = { name: "conformance", version: "1.0.0" };
  const mcp = new McpServer(info, { capabilities, requestState: { verify: codec.verify } });
  const { tools, ...lists } = listed(TOOLS, { ...PROMPTS, [ASKING_PROMPT]: [[]] });
  for (const { name, description, inputSchema } of tools) {
    const [, run] = TOOLS[name];
    mcp.registerTool(name, { description, inputSchema: fromJsonSchema(inputSchema) }, async (args, { mcpReq }) =>
      result(await run(args, mcpReq), (content) => ({ content })),
    );
  }
  const { prompts, resources, resourceTemplates, completion } = lists;
  const { server } = mcp;
  server.setRequestHandler("prompts/list", () => ({ prompts }));
  server.setRequestHandler("prompts/get", prompt);
  server.setRequestHandler("resources/list", () => ({ resources }));
  server.setRequestHandler("resources/templates/list", () => ({ resourceTemplates }));
  server.setRequestHandler("resources/read", ({ params: { uri } }) => {
    const contents = read(uri);
    if (!contents) throw new ResourceNotFoundError(uri);
    return { contents: [contents] };
  });
  server.setRequestHandler("completion/complete", () => ({ completion }));
  return mcp;
}

const handler = createMcpHandler(build);
const app = {
  fetch: async (request) =>
    hostHeaderValidationResponse(request, localhostAllowedHostnames()) ?? handler.fetch(request),
};
createServer(toNodeHandler(app)).listen(Number(process.env.PORT), "127.0.0.1");
