import type { Attack } from "../attack.ts";
import { chained } from "../stage/chain-forger.ts";
import { presented } from "../stage/define-attack.ts";
import type { Json } from "../stage/situation.ts";
import type { Message } from "../targets/message.ts";

const sheet = {
  category: "delegation",
  threat: "D7",
  needs: ["delegation"],
  expected: ["attestation_invalid"],
} as const;
const insufficient = { ...sheet, expected: ["attestation_claims_insufficient"] } as const;
const subAgent = "is a sub-agent of an honest agent, with a chain and a key of its own";

const call = (name: string, other: object = {}): Message => ({
  kind: "request",
  method: "tools/call",
  params: { name, ...other },
});
const read = (uri: string): Message => ({ kind: "request", method: "resources/read", params: { uri } });
const allowing = (allow: unknown) => ({ claims: (claims: Json) => ({ ...claims, allow }) });

/** What is tried by sub-agents that may do little. */
export const delegatedScopeAttacks: readonly Attack[] = [
  presented(
    {
      ...insufficient,
      id: "delegation-other-tool",
      name: "A tool that was not delegated",
      attacker: subAgent,
      description: "Calls of a tool that the chain does not list, and of almost its name",
      defence: "what every link allows is compared with the message that is dispatched",
    },
    {
      "another name": chained({ links: [allowing({ tools: ["list"] })] }),
      "a prefix of it": chained({ links: [allowing({ tools: ["probe_*"] })] }),
      "prompts only": chained({ links: [allowing({ prompts: ["*"] })] }),
      nothing: chained({ links: [allowing({})] }),
    },
    () => call("probe"),
  ),
  presented(
    {
      ...insufficient,
      id: "delegation-widened",
      name: "Allowing more than one may",
      attacker: "is a sub-agent that delegates to a key of its own",
      description: "A second link that allows what the first does not",
      defence: "every link of the chain must allow it, and not the last alone",
    },
    {
      everything: chained({ links: [allowing({ tools: ["list"] }), allowing({ tools: ["*"] })] }),
      "no list at all": chained({ links: [allowing({ tools: ["list"] }), {}] }),
    },
    () => call("probe"),
  ),
  presented(
    {
      ...insufficient,
      id: "delegation-dot-segments",
      name: "A resource beyond its prefix",
      attacker: "is a sub-agent that may read what begins with file:///public/",
      description: "A URI that begins so, and that servers resolve to another",
      defence: "a URI that a reader could resolve to another one meets no prefix",
    },
    { "two dots": chained({ links: [allowing({ resources: ["file:///public/*"] })] }) },
    () => read("file:///public/../secret"),
  ),
  presented(
    {
      ...insufficient,
      id: "delegation-encoded-dots",
      name: "Dots in another spelling",
      attacker: "is a sub-agent that may read what begins with file:///public/",
      description: "The same URI with its dots and slash percent-encoded",
      defence: "encoded dots and slashes meet no prefix",
    },
    { encoded: chained({ links: [allowing({ resources: ["file:///public/*"] })] }) },
    () => read("file:///public/%2e%2e%2fsecret"),
  ),
  presented(
    {
      ...insufficient,
      id: "delegation-other-method",
      name: "A method that no list knows",
      attacker: subAgent,
      description: "A method that is in no list of what may be delegated, by a chain that allows every name",
      defence: "the table of methods is closed",
    },
    { "every name": chained({ links: [allowing({ tools: ["*"], prompts: ["*"], resources: ["*"] })] }) },
    () => ({ kind: "request", method: "tasks/result", params: { taskId: "1", name: "probe" } }),
  ),
  presented(
    {
      ...insufficient,
      id: "delegation-as-a-task",
      name: "A call that outlives its scope",
      attacker: "is a sub-agent that may call one tool",
      description: "A call of that tool as a task, whose result is fetched by a method without a name",
      defence: "a tool is not called as a task by who is limited to names",
    },
    { "the allowed tool": chained({ links: [allowing({ tools: ["probe"] })] }) },
    () => call("probe", { task: { ttl: 60_000 } }),
  ),
  presented(
    {
      ...sheet,
      id: "delegation-unknown-limit",
      name: "A limit that is not understood",
      attacker: "is a sub-agent whose parent misspelt a limit, or whose server knows fewer",
      description: "A chain whose allow has a member that no reader knows",
      defence: "an unknown member of allow makes the link invalid",
    },
    {
      "a misspelt one": chained({ links: [allowing({ tool: ["list"] })] }),
      "a later one": chained({ links: [allowing({ tools: ["probe"], sampling: ["a"] })] }),
    },
    () => call("probe"),
  ),
];
