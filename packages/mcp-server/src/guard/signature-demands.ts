import { type OptionNames, optionError, refuseUnknownOptions } from "@attest/core";
import { type JsonRpcMessage, methodOf, targetOf } from "./json-rpc.ts";

/** For which tools, prompts and resources a server demands signatures: names, and URIs, byte for byte. */
export interface SignedTargets {
  /** Names of tools. Default: none. */
  readonly tools?: readonly string[];
  /** Names of prompts. Default: none. */
  readonly prompts?: readonly string[];
  /** URIs of resources. Default: none. */
  readonly resources?: readonly string[];
}

const KINDS: OptionNames<SignedTargets> = { tools: true, prompts: true, resources: true };

/** Which of the lists a method's target is looked for in. */
const LISTS: Readonly<Record<string, keyof SignedTargets>> = {
  "tools/call": "tools",
  "prompts/get": "prompts",
  "resources/read": "resources",
  "resources/subscribe": "resources",
  "resources/unsubscribe": "resources",
};

/** Methods and targets that handlers demand signatures for, learnt at most. */
const MAX_LEARNT = 1000;

/** For which messages a guard demands a signature, where a MAC would do otherwise (SPEC §19). */
export class SignatureDemands {
  /** Whether everything must be signed: then no ticket is granted either. */
  readonly all: boolean;
  readonly #configured = new Set<string>();
  readonly #learnt = new Set<string>();

  /** @throws AttestationError `ERR_OPTION`, naming what makes no sense. */
  constructor(signatures: true | SignedTargets | undefined) {
    this.all = signatures === true;
    if (signatures === undefined || signatures === true) return;
    if (typeof signatures !== "object" || signatures === null) {
      throw optionError("signatures", "must be true, or an object with lists of tools, prompts or resources");
    }
    refuseUnknownOptions(signatures, KINDS, "signatures");
    for (const [kind, targets] of Object.entries(signatures)) {
      if (!Array.isArray(targets) || !targets.every((target) => typeof target === "string" && target !== "")) {
        throw optionError(`signatures.${kind}`, "must be a list of names, or of URIs for resources");
      }
      for (const target of targets) this.#configured.add(`${kind} ${target}`);
    }
  }

  /** Whether a message must be signed. */
  covers(message: JsonRpcMessage | undefined): boolean {
    if (this.all) return true;
    if (this.#configured.size + this.#learnt.size === 0) return false;
    const [method, target] = [methodOf(message), targetOf(message)];
    if (method === undefined || target === undefined) return false;
    return this.#configured.has(`${LISTS[method] ?? ""} ${target}`) || this.#learnt.has(`${method} ${target}`);
  }

  /** Learns from a handler that refused a MAC. The oldest that was learnt makes room. */
  learn(message: JsonRpcMessage): void {
    this.#learnt.add(`${methodOf(message) ?? ""} ${targetOf(message) ?? ""}`);
    const [oldest] = this.#learnt.size > MAX_LEARNT ? this.#learnt : [];
    if (oldest !== undefined) this.#learnt.delete(oldest);
  }
}
