// What the test servers of both SDKs have for attacks that need it (`LabOptions`).

/** A tool without arguments, as a list has it that was written by hand. */
const DEFINED = { name: "defined", description: "Does something.", inputSchema: { type: "object" } };

/** Registers it. `sdk` has what differs between the two generations. */
export function addLab(server, { demand, schema, completable, ResourceTemplate, subscribe, any, string }) {
  const text = (value) => ({ content: [{ type: "text", text: String(value) }] });
  server.registerTool("echo", { inputSchema: schema({ amount: any() }) }, ({ amount }) => text(amount));
  server.registerTool("slow", {}, async () => {
    await new Promise((resolve) => setTimeout(resolve, 500));
    return text("done");
  });
  const { name, description } = lab.defined;
  server.registerTool(
    name,
    { description },
    demand(() => text("done"), { definition: lab.defined.definition }),
  );
  server.registerPrompt("relay", {}, () => {
    throw passedOn();
  });

  const secrets = ["secret-1", "secret-2"];
  const contents = (uri) => ({ contents: [{ uri: uri.href, text: "secret" }] });
  const template = new ResourceTemplate("vault://{account}", {
    list: () => ({ resources: secrets.map((name) => ({ name, uri: `vault://${name}` })) }),
    complete: { account: () => secrets },
  });
  const argsSchema = schema({ account: completable(string(), () => secrets) });
  server.registerPrompt(
    "statement",
    { argsSchema },
    demand(() => ({ messages: [] })),
  );
  server.registerResource("vault", template, {}, demand(contents));
  server.registerResource("ledger", "ledger://all", {}, demand(contents));
  server.server.registerCapabilities({ resources: { subscribe: true } });
  server.server.setRequestHandler(subscribe, () => ({}));
}

/** Registers a tool that is called as a task: the first SDK alone has these. */
export function addTask(server) {
  const execution = { taskSupport: "required" };
  server.experimental.tasks.registerToolTask(
    "report-later",
    { inputSchema: {}, execution },
    {
      createTask: async (_, { taskStore }) => ({ task: await taskStore.createTask({ ttl: 60_000 }) }),
      getTask: (_, { taskId, taskStore }) => taskStore.getTask(taskId),
      getTaskResult: async () => ({ content: [] }),
    },
  );
}

/** What a client throws that called a server which refused it, and that the handler lets through as it is. */
function passedOn() {
  const data = { extension: "io.github.attest/agent-attestation", reason: "attestation_expired", retryable: true };
  return Object.assign(new Error("Attestation expired"), { code: -31003, data: { ...data, serverTime: 1 } });
}

/** The lab, as an attack's target is told of it. */
export const lab = {
  relay: { method: "prompts/get", params: { name: "relay" } },
  echo: { name: "echo", argument: "amount" },
  slow: { name: "slow" },
  task: { name: "report-later" },
  defined: { ...DEFINED, definition: DEFINED },
  guarded: {
    prompt: { name: "statement", argument: "account" },
    template: { uri: "vault://{account}", variable: "account", listed: "vault://secret-1" },
    resource: "ledger://all",
  },
};
