import { optionError, type ProofRequest, toolDigest } from "@attest/core";
import type { AttestingAgentOptions } from "./attesting-agent-options.ts";
import { calledTool } from "./called-tool.ts";

/** Which definitions an agent decided on (SPEC §23). */
export class ToolDefinitions {
  readonly #ask: NonNullable<AttestingAgentOptions["toolDefinition"]>;
  /**
   * By the request that a proof is for: what the model had read does not change when a call is sent again, whatever the server has said
   * about its tools meanwhile.
   */
  readonly #digests = new WeakMap<ProofRequest, Promise<string | undefined>>();

  constructor(ask: NonNullable<AttestingAgentOptions["toolDefinition"]>) {
    this.#ask = ask;
  }

  /** The digest to be signed with a request; `undefined` where nothing is to be said. */
  digestFor(request: ProofRequest, audience: string): Promise<string | undefined> {
    const known = this.#digests.get(request);
    if (known) return known;
    const digest = this.#digest(request, audience);
    this.#digests.set(request, digest);
    return digest;
  }

  async #digest(request: ProofRequest, audience: string): Promise<string | undefined> {
    const name = calledTool(request);
    if (name === undefined) return undefined;
    const definition = await this.#ask(name, audience);
    if (definition === undefined) return undefined;
    const digest = await toolDigest(definition);
    if (definition.name !== name)
      throw optionError("toolDefinition", "must return the tool that is called, by its name");
    return digest;
  }
}
