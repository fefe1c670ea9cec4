import {
  assertObserver,
  type Clock,
  callable,
  flag,
  keyImporterOf,
  type MaybePromise,
  type Observer,
  type OptionNames,
  optionError,
  refuseUnknownOptions,
  type Signer,
  systemClock,
  type TokenFormat,
  type ToolDefinition,
} from "@attest/core";
import type { AttestationSource } from "./attestation-source.ts";

/** How an agent attests. */
export interface AttestingAgentOptions {
  /** Where attestations come from: `httpSource`, `localSource`, or a source of your own. */
  readonly source: AttestationSource;
  /** One key for all servers. Default: a new Ed25519 key for each server. */
  readonly signer?: Signer;
  /**
   * Foreign formats of which the source's tokens may be, each for the key of `signer`: `[wimseWit]` of
   * `@attest/core/formats/wimse-wit`. Default: none, so that the source must answer with attestations.
   */
  readonly formats?: readonly TokenFormat[];
  /** Unix seconds. Default: the machine's clock. */
  readonly clock?: Clock;
  /**
   * Ask servers for tickets, and prove messages by MACs where one was granted: a signature every few minutes instead of one for each
   * message (SPEC §19). `false`: sign everything. Default true.
   */
  readonly tickets?: boolean;
  /**
   * The tool as its model was shown it, by the name that the message has and the server's audience: the entry of `tools/list`, as it was
   * received. The agent's signature then says that it decided on this definition, which a server can demand (SPEC §23), and the call is
   * signed where a ticket would do otherwise. Asked once for each call, however often that is sent; `undefined`: nothing is said of this
   * call. Whatever it throws comes through, and nothing is sent. Default: nothing is said of any.
   */
  readonly toolDefinition?: (name: string, audience: string) => MaybePromise<ToolDefinition | undefined>;
  /** Observes each attestation that the agent asks its source for, as an `issuance` event, and its tickets. */
  readonly observer?: Observer;
}

const OPTIONS: OptionNames<AttestingAgentOptions> = {
  source: true,
  signer: true,
  formats: true,
  clock: true,
  tickets: true,
  toolDefinition: true,
  observer: true,
};

/** The options with every default filled in. */
type AgentConfiguration = Required<Pick<AttestingAgentOptions, "source" | "formats" | "clock" | "tickets">> &
  Pick<AttestingAgentOptions, "signer" | "toolDefinition" | "observer">;

/** Validates an agent's options and copies them. @throws AttestationError `ERR_OPTION`, naming the option. */
export function configureAgent(options: AttestingAgentOptions): AgentConfiguration {
  refuseUnknownOptions(options, OPTIONS, "an agent");
  const { source, signer, formats = [], clock = systemClock, tickets = true, observer } = options;
  if (typeof source?.getAttestation !== "function") throw optionError("source", "must have a getAttestation function");
  if (signer !== undefined && typeof signer.sign !== "function") {
    throw optionError("signer", "must have a sign function");
  }
  // Throws for what is no format.
  keyImporterOf(formats);
  if (typeof clock !== "function") throw optionError("clock", "must be a function");
  assertObserver(observer);
  const toolDefinition = callable("toolDefinition", options.toolDefinition)?.bind(options);
  return {
    source,
    formats: [...formats],
    clock,
    tickets: flag("tickets", tickets),
    ...(signer !== undefined && { signer }),
    ...(observer !== undefined && { observer }),
    ...(toolDefinition !== undefined && { toolDefinition }),
  };
}
