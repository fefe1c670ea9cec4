import { optionError } from "@attest/core";
import { metaOf } from "../attestation-of.ts";
import type { Demand, DemandProblem } from "../demand.ts";
import { type Exchange, exchangeOf } from "../guard/exchange.ts";
import { type JsonRpcMessage, objectAt } from "../guard/json-rpc.ts";
import { demandOf } from "../require-attestation.ts";

/** A prompt, resource or template as either SDK's `McpServer` registers it. */
interface Registered {
  callback?: unknown;
  readCallback?: unknown;
  resourceTemplate?: Template;
  update?: (updates: { callback?: unknown }) => unknown;
}

/** The part of both SDKs' `ResourceTemplate` that is read. */
interface Template {
  readonly uriTemplate: { match(uri: string): unknown; toString(): string };
  readonly listCallback?: ((context: unknown) => unknown) | undefined;
}

/** What both SDKs' `McpServer` keep of what was registered: names of their own making, checked by this package's tests. */
interface Registry {
  readonly _registeredPrompts?: Record<string, Registered>;
  readonly _registeredResources?: Record<string, Registered>;
  readonly _registeredResourceTemplates?: Record<string, Registered>;
  registerPrompt?: (name: string, config: unknown, callback: unknown) => Registered;
}

type Answer<T> = T | Promise<T>;

/** Callbacks of prompts, which v2 keeps to itself. */
const callbacks = new WeakMap<Registered, unknown>();
/** Templates that list for those only who may read, each with what it asks of them. */
const listed = new WeakMap<Template, Demand>();

/**
 * What an `McpServer` answers about a prompt or resource without asking its handler: completions, the lists of templates,
 * subscriptions. What the handler demands (`requireAttestation`) holds for these too.
 */
export class Surface {
  readonly #registry: Registry;

  constructor(server: object) {
    this.#registry = server as Registry;
    this.#watchPrompts();
  }

  /** Why the agent must not have an answer to this message; `undefined` if it may. */
  problem(message: JsonRpcMessage, exchange: Exchange): Answer<DemandProblem | undefined> {
    if (message.kind !== "request") return undefined;
    const { method, params } = message;
    if (method === "completion/complete") return problemOf(this.#completed(objectAt(params, "ref")), exchange);
    if (method === "resources/subscribe") return problemOf(this.#read((params as { uri?: unknown }).uri), exchange);
    if (method === "subscriptions/listen") {
      const uris = objectAt(params, "notifications")["resourceSubscriptions"];
      return firstProblem(
        (Array.isArray(uris) ? uris : []).map((uri) => this.#read(uri)),
        exchange,
      );
    }
    if (method === "resources/list") this.#guardLists();
    return undefined;
  }

  #completed({ type, name, uri }: Record<string, unknown>): Demand | undefined {
    const { _registeredPrompts: prompts = {}, _registeredResourceTemplates: templates = {} } = this.#registry;
    if (type === "ref/prompt" && typeof name === "string" && Object.hasOwn(prompts, name)) {
      const prompt = prompts[name] as Registered;
      return demandOf(prompt.callback ?? callbacks.get(prompt));
    }
    const template = Object.values(templates).find((each) => each.resourceTemplate?.uriTemplate.toString() === uri);
    return demandOf(template?.readCallback) ?? this.#read(uri);
  }

  /** What reading a resource demands, found as the SDKs find its handler: by its URI as it was parsed. */
  #read(uri: unknown): Demand | undefined {
    if (typeof uri !== "string" || !URL.canParse(uri)) return undefined;
    const { href } = new URL(uri);
    const { _registeredResources: resources = {}, _registeredResourceTemplates: templates = {} } = this.#registry;
    for (const name of [uri, href]) {
      if (Object.hasOwn(resources, name)) return demandOf((resources[name] as Registered).readCallback);
    }
    const template = Object.values(templates).find((each) => each.resourceTemplate?.uriTemplate.match(href));
    return demandOf(template?.readCallback);
  }

  /** A template lists its resources for those who may read them; for others it lists none. */
  #guardLists(): void {
    for (const registered of Object.values(this.#registry._registeredResourceTemplates ?? {})) {
      const { resourceTemplate: template } = registered;
      const demand = demandOf(registered.readCallback);
      const list = template?.listCallback;
      if (!template || !demand || !list || listed.get(template) === demand) continue;
      const listCallback = async (context: unknown) => {
        const exchange = exchangeOf(metaOf(context));
        return exchange && !(await problemOf(demand, exchange)) ? list.call(template, context) : { resources: [] };
      };
      const guarded: Template = Object.create(template, { listCallback: { value: listCallback } });
      listed.set(guarded, demand);
      registered.resourceTemplate = guarded;
    }
  }

  #watchPrompts(): void {
    const { registerPrompt } = this.#registry;
    if (typeof registerPrompt !== "function") return;
    this.#registry.registerPrompt = (name, config, callback) => {
      if (demandOf(callback)?.definition) throw optionError("definition", `is for tools, and ${name} is a prompt`);
      const registered: Registered = registerPrompt.call(this.#registry, name, config, callback);
      callbacks.set(registered, callback);
      const { update } = registered;
      if (update) {
        registered.update = (updates) => {
          if (updates.callback !== undefined) callbacks.set(registered, updates.callback);
          return update(updates);
        };
      }
      return registered;
    };
  }
}

async function problemOf(demand: Demand | undefined, exchange: Exchange): Promise<DemandProblem | undefined> {
  const verdict = await demand?.judge(exchange, []);
  return verdict && "problem" in verdict ? verdict.problem : undefined;
}

async function firstProblem(
  demands: readonly (Demand | undefined)[],
  exchange: Exchange,
): Promise<DemandProblem | undefined> {
  for (const demand of demands) {
    const problem = await problemOf(demand, exchange);
    if (problem) return problem;
  }
  return undefined;
}
