import type { Attack } from "../attack.ts";
import type { ChainChanges } from "../stage/chain-forger.ts";
import { freeCall, freeTool, scoped } from "../stage/scoped.ts";
import type { Json } from "../stage/situation.ts";
import type { AttackTarget } from "../targets/attack-target.ts";
import type { Message } from "../targets/message.ts";

const sheet = {
  category: "delegation",
  threat: "D7",
  needs: ["delegation"],
  expected: ["attestation_invalid"],
} as const;
const insufficient = { ...sheet, expected: ["attestation_claims_insufficient"] } as const;
/** Nothing is called unless the tester names a tool. */
const CALLING = ["delegation", "tool"] as const;
const subAgent = "is a sub-agent of an honest agent, with a chain and a key of its own";

const calls = { message: freeCall, honest: freeCall };
const reads = (uri: string) => ({
  message: (): Message => ({ kind: "request", method: "resources/read", params: { uri } }),
});

/** The call as a task of MCP 2025-11-25. */
const asTask = (target: AttackTarget): Message => {
  const { method, params } = freeCall(target);
  return { kind: "request", method, params: { ...params, task: { ttl: 60_000 } } };
};

/** A chain of so many links, which allow this each; `undefined`: whatever the one before it may. */
const allowing =
  (...allows: readonly unknown[]) =>
  (target: AttackTarget): ChainChanges => ({
    links: allows.map((allow) => {
      const value = typeof allow === "function" ? allow(freeTool(target)) : allow;
      return { claims: (claims: Json) => (value === undefined ? claims : { ...claims, allow: value }) };
    }),
  });

/** What is tried by sub-agents that may do little. */
export const delegatedScopeAttacks: readonly Attack[] = [
  scoped(
    {
      ...insufficient,
      id: "delegation-other-tool",
      needs: CALLING,
      name: "A tool that was not delegated",
      attacker: subAgent,
      description: "Calls of a tool that the chain does not list, and of almost its name",
      defence: "what every link allows is compared with the message that is dispatched",
    },
    {
      "another name": allowing({ tools: ["list"] }),
      "a prefix of it": allowing((tool: string) => ({ tools: [`${tool}_*`] })),
      "prompts only": allowing({ prompts: ["*"] }),
      nothing: allowing({}),
    },
    calls,
  ),
  scoped(
    {
      ...insufficient,
      id: "delegation-widened",
      needs: CALLING,
      name: "Allowing more than one may",
      attacker: "is a sub-agent that delegates to a key of its own",
      description: "A second link that allows what the first does not",
      defence: "every link of the chain must allow it, and not the last alone",
    },
    {
      everything: allowing({ tools: ["list"] }, { tools: ["*"] }),
      "no list at all": allowing({ tools: ["list"] }, undefined),
    },
    calls,
  ),
  scoped(
    {
      ...insufficient,
      id: "delegation-dot-segments",
      name: "A resource beyond its prefix",
      attacker: "is a sub-agent that may read what begins with file:///public/",
      description: "A URI that begins so, and that servers resolve to another",
      defence: "a URI that a reader could resolve to another one meets no prefix",
    },
    { "two dots": allowing({ resources: ["file:///public/*"] }) },
    reads("file:///public/../secret"),
  ),
  scoped(
    {
      ...insufficient,
      id: "delegation-encoded-dots",
      name: "Dots in another spelling",
      attacker: "is a sub-agent that may read what begins with file:///public/",
      description: "The same URI with its dots and slash percent-encoded",
      defence: "encoded dots and slashes meet no prefix",
    },
    { encoded: allowing({ resources: ["file:///public/*"] }) },
    reads("file:///public/%2e%2e%2fsecret"),
  ),
  scoped(
    {
      ...insufficient,
      id: "delegation-other-method",
      name: "A method that no list knows",
      attacker: subAgent,
      description: "A method that is in no list of what may be delegated, by a chain that allows every name",
      defence: "the table of methods is closed",
    },
    { "every name": allowing({ tools: ["*"], prompts: ["*"], resources: ["*"] }) },
    { message: () => ({ kind: "request", method: "logging/setLevel", params: { level: "debug", name: "probe" } }) },
  ),
  scoped(
    {
      ...insufficient,
      id: "delegation-as-a-task",
      needs: CALLING,
      name: "A call that outlives its scope",
      attacker: "is a sub-agent that may call one tool",
      description: "A call of that tool as a task, whose result is fetched by a method without a name",
      defence: "a tool is not called as a task by who is limited to names",
    },
    { "the allowed tool": allowing((tool: string) => ({ tools: [tool] })) },
    { message: asTask, honest: freeCall },
  ),
  scoped(
    {
      ...sheet,
      id: "delegation-unknown-limit",
      needs: CALLING,
      name: "A limit that is not understood",
      attacker: "is a sub-agent whose parent misspelt a limit, or whose server knows fewer",
      description: "A chain whose allow has a member that no reader knows",
      defence: "an unknown member of allow makes the link invalid",
    },
    {
      "a misspelt one": allowing({ tool: ["list"] }),
      "a later one": allowing((tool: string) => ({ tools: [tool], sampling: ["a"] })),
    },
    calls,
  ),
];
