import { isJsonObject } from "@attest/core";
import type { AttestationGuard } from "../guard/attestation-guard.ts";
import { type Exchange, exchangeOf, type Finding, isSameAgent } from "../guard/exchange.ts";
import { bodyOf, type JsonRpcMessage, objectAt } from "../guard/json-rpc.ts";
import type { Refused } from "../guard/refusals.ts";

/** Where a message names the task that it belongs to (MCP 2025-11-25). */
const RELATED_TASK = "io.modelcontextprotocol/related-task";
/** Tasks whose makers are kept. The oldest is dropped first, and is then nobody's. */
const MAX_TASKS = 100_000;

/** The part of the v1 SDK's `TaskStore` that is watched. */
export interface TaskStoreLike {
  /** Makes a task, for the request that asks for it. */
  // biome-ignore lint/suspicious/noExplicitAny: the SDK's own types, which this package does not import
  createTask(params: any, requestId: any, request: any, sessionId?: string): Promise<any>;
}

/** Who made which task, for each guard whose servers have a guarded task store. */
const makers = new WeakMap<object, Map<string, Finding>>();

/**
 * Guards the tasks of a v1 server: `new McpServer(info, { taskStore: guardTaskStore(store, guard) })`. The SDK answers
 * `tasks/get`, `tasks/result`, `tasks/cancel` and `tasks/list` from its store, without asking a handler; with this, each
 * agent sees and touches only the tasks that it made (issuer, subject and key). The server needs `attestServer` with the
 * same guard.
 *
 * Makers are kept in this process: after a restart, tasks of a durable store are nobody's, and are refused to everybody.
 *
 * @returns The store.
 */
export function guardTaskStore<S extends TaskStoreLike>(store: S, guard: AttestationGuard): S {
  const tasks = makers.get(guard) ?? new Map<string, Finding>();
  makers.set(guard, tasks);
  return new Proxy(store, {
    get(target, name) {
      const value: unknown = Reflect.get(target, name, target);
      if (name !== "createTask") return typeof value === "function" ? value.bind(target) : value;
      return async (...args: Parameters<S["createTask"]>) => {
        const task = await target.createTask(...(args as Parameters<TaskStoreLike["createTask"]>));
        const { taskId } = task as { taskId: string };
        const exchange = exchangeOf(objectAt(objectAt(args[2], "params"), "_meta"));
        if (exchange) {
          const [oldest] = tasks.keys();
          if (tasks.size >= MAX_TASKS && oldest !== undefined) tasks.delete(oldest);
          tasks.set(taskId, exchange.finding);
        }
        return task;
      };
    },
  });
}

/** Why a message must not act on the task that it names; `undefined` if it names none, or the agent's own. */
export function taskProblem(guard: object, message: JsonRpcMessage, { finding }: Exchange): Refused | undefined {
  const tasks = makers.get(guard);
  if (!tasks) return undefined;
  const related = objectAt(objectAt(bodyOf(message), "_meta"), RELATED_TASK)["taskId"];
  const named = message.kind === "request" && message.method.startsWith("tasks/") ? taskIn(message.params) : undefined;
  const foreign = [related, named].some((id) => id !== undefined && !isOwn(tasks.get(id as string), finding));
  return foreign ? { code: "ERR_TASK_OWNER" } : undefined;
}

/** An answer to `tasks/list` without the tasks of other agents. */
export function ownTasks(guard: object, exchange: Exchange, answer: Record<string, unknown>): Record<string, unknown> {
  const tasks = makers.get(guard);
  const { message, finding } = exchange;
  const { result } = answer;
  if (!tasks || message.kind !== "request" || message.method !== "tasks/list" || !isJsonObject(result)) return answer;
  const listed = Array.isArray(result["tasks"]) ? result["tasks"] : [];
  return {
    ...answer,
    result: { ...result, tasks: listed.filter((task) => isOwn(tasks.get(taskIn(task) ?? ""), finding)) },
  };
}

function taskIn(value: unknown): string | undefined {
  const { taskId } = (value ?? {}) as { taskId?: unknown };
  return typeof taskId === "string" ? taskId : undefined;
}

function isOwn(maker: Finding | undefined, finding: Finding): boolean {
  return maker !== undefined && isSameAgent(maker, finding);
}
