import { type OptionNames, optionError, refuseUnknownOptions, type ToolDefinition } from "@attest/core";
import type { Message } from "./message.ts";
import type { Offer } from "./offer.ts";

/** A tool, and the arguments that it is called with. */
export interface LabTool {
  /** The tool's name. */
  readonly name: string;
  /** What it is called with. Default: nothing. */
  readonly arguments?: Readonly<Record<string, unknown>>;
}

/** What a server that is set up for tests has beyond an ordinary one's. Each member makes further attacks possible. */
export interface LabOptions {
  /**
   * A request that the server answers by passing on, as an error of its own, the refusal `attestation_expired` of a server
   * that it calls.
   */
  readonly relay?: {
    /** Its JSON-RPC method. */
    readonly method: "tools/call" | "prompts/get" | "resources/read";
    /** Its parameters. */
    readonly params: Readonly<Record<string, unknown>>;
  };
  /** A tool that answers with the number which it is given as `argument`. */
  readonly echo?: LabTool & { readonly argument: string };
  /** A tool that takes at least half a second. */
  readonly slow?: LabTool;
  /** A tool that can be called as a task of MCP 2025-11-25. */
  readonly task?: LabTool;
  /** A tool that demands that calls name its definition (SPEC §23), which the server lists so. */
  readonly defined?: LabTool & { readonly definition: ToolDefinition };
  /** Things that demand more than minimal safety of an agent, and what the server says about them without asking a handler. */
  readonly guarded?: {
    /** A prompt, and an argument of it that can be completed. */
    readonly prompt: {
      /** The prompt's name. */
      readonly name: string;
      /** The argument's name. */
      readonly argument: string;
    };
    /** A template, a variable of it that can be completed, and a resource that only its `list` callback names. */
    readonly template: {
      /** The URI template. */
      readonly uri: string;
      /** The variable's name. */
      readonly variable: string;
      /** The URI of the resource. */
      readonly listed: string;
    };
    /** A resource that can be subscribed to. */
    readonly resource: string;
  };
  /** Restarts the server, over HTTP. Resolves when it serves honest agents again. */
  restart?(): Promise<void>;
}

const OPTIONS: OptionNames<LabOptions> = {
  relay: true,
  echo: true,
  slow: true,
  task: true,
  defined: true,
  guarded: true,
  restart: true,
};
/** What each makes possible. */
const OFFERS: Readonly<Record<keyof LabOptions, Offer>> = {
  relay: "relay",
  echo: "echo",
  slow: "slow",
  task: "task",
  defined: "definition",
  guarded: "completion",
  restart: "restart",
};

/** @throws AttestationError `ERR_OPTION`. */
export function assertLabOptions(lab: LabOptions): void {
  if (typeof lab !== "object" || lab === null) throw optionError("lab", "must be an object");
  refuseUnknownOptions(lab, OPTIONS, "a lab");
  const { relay, echo, slow, task, defined, guarded, restart } = lab;
  const isText = (value: unknown) => typeof value === "string" && value !== "";
  if (relay && !isText(relay.method)) throw optionError("lab.relay", "must have a method and params");
  if (echo && !(isText(echo.name) && isText(echo.argument))) {
    throw optionError("lab.echo", "must have the name of a tool, and that of an argument");
  }
  if (slow && !isText(slow.name)) throw optionError("lab.slow", "must have the name of a tool");
  if (task && !isText(task.name)) throw optionError("lab.task", "must have the name of a tool");
  if (defined && !(isText(defined.name) && defined.definition?.name === defined.name)) {
    throw optionError("lab.defined", "must have the name of a tool, and its definition");
  }
  if (guarded && !(guarded.prompt && guarded.template && isText(guarded.resource))) {
    throw optionError("lab.guarded", "must name a prompt, a template and a resource");
  }
  if (restart !== undefined && typeof restart !== "function") throw optionError("lab.restart", "must be a function");
}

/** What a lab makes possible. */
export function labOffers(lab: LabOptions): readonly Offer[] {
  return Object.entries(OFFERS).flatMap(([name, offer]) => (lab[name as keyof LabOptions] ? [offer] : []));
}

/** The call of a tool. */
export function callOf({ name, arguments: args = {} }: LabTool): Message & { readonly kind: "request" } {
  return { kind: "request", method: "tools/call", params: { name, arguments: args } };
}
