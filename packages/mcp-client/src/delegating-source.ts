import { type Allow, type OptionNames, optionError, refuseUnknownOptions } from "@attest/core";
import type { AttestationSource } from "./attestation-source.ts";
import type { AttestingAgent } from "./attesting-agent.ts";

/** What a parent lets a sub-agent do, at most. */
export interface DelegatingSourceOptions {
  /** Default: everything that the parent may. */
  readonly allow?: Allow;
  /** What people and logs call the sub-agent. */
  readonly name?: string;
  /** Seconds. Default: until the parent's attestation expires. */
  readonly lifetime?: number;
  /** How many links may follow. Default: one fewer than may follow the parent. */
  readonly depth?: number;
}

const OPTIONS: OptionNames<DelegatingSourceOptions> = { allow: true, name: true, lifetime: true, depth: true };

/**
 * The source of a sub-agent in this process: its parent, who delegates to it (SPEC §21). Each sub-agent needs an `AttestingAgent` of its own,
 * with this as its `source`. It renews what it holds as any agent does, and the parent renews its own attestation before it delegates where that
 * is due. For a sub-agent in another process, see `createDelegationHandler`.
 *
 * @throws AttestationError `ERR_OPTION`; from the source, `ERR_OPTION` for a request without audience, and what
 * `AttestingAgent.delegate` throws.
 */
export function delegatingSource(parent: AttestingAgent, options: DelegatingSourceOptions = {}): AttestationSource {
  refuseUnknownOptions(options, OPTIONS, "a delegating source");
  if (typeof parent?.delegate !== "function") throw optionError("parent", "must be an AttestingAgent");
  const copy = structuredClone(options);
  return {
    async getAttestation({ confirmationKey, audience }) {
      if (audience === undefined) throw optionError("audience", "must be given: a delegation is for certain servers");
      return parent.delegate({ ...copy, audience, confirmationKey });
    },
  };
}
