import { isAbsoluteUri, type OptionNames, optionError, refuseUnknownOptions } from "@attest/core";
import type { AttackCredentials } from "./honest-agent.ts";
import { assertLabOptions, type LabOptions } from "./lab-options.ts";

/** What live targets have in common. */
export interface LiveOptions {
  /** The server's resource identifier, as it is configured there. */
  readonly audience: string;
  /** What the tester has. */
  readonly credentials: AttackCredentials;
  /**
   * A tool that may be called, and its arguments. Nothing is called without it. It should demand more of an agent than the
   * server does, and do no harm.
   */
  readonly tool?: {
    /** The tool's name. */
    readonly name: string;
    /** What it is called with. Default: nothing. */
    readonly arguments?: Readonly<Record<string, unknown>>;
  };
  /** What the server has for tests beyond what it has for its users. Nothing of this is tried without being named here. */
  readonly lab?: LabOptions;
  /** The protocol's era: `handshake` up to 2025-11-25, `stateless` from 2026-07-28. Default: found out. */
  readonly era?: "auto" | "handshake" | "stateless";
  /** Exchanges begun in a second at most. Default 20. */
  readonly rate?: number;
  /** How long one exchange may take, in milliseconds. Default 10,000. */
  readonly timeoutMs?: number;
}

const OPTIONS: OptionNames<LiveOptions> = {
  audience: true,
  credentials: true,
  tool: true,
  lab: true,
  era: true,
  rate: true,
  timeoutMs: true,
};
const ERAS: readonly unknown[] = ["auto", "handshake", "stateless"];

/** @throws AttestationError `ERR_OPTION`. */
export function assertLiveOptions<O extends LiveOptions>(
  options: O,
  others: OptionNames<Omit<O, keyof LiveOptions>>,
): void {
  refuseUnknownOptions(options, { ...OPTIONS, ...others }, "this target");
  const { audience, tool, lab, era = "auto", rate = 20, timeoutMs = 10_000 } = options;
  if (!isAbsoluteUri(audience)) throw optionError("audience", "must be an absolute URI");
  if (tool !== undefined && (typeof tool?.name !== "string" || tool.name === "")) {
    throw optionError("tool", "must have the name of a tool");
  }
  if (lab !== undefined) assertLabOptions(lab);
  if (!ERAS.includes(era)) throw optionError("era", "must be auto, handshake or stateless");
  if (!(Number.isFinite(rate) && rate > 0 && rate <= 1000)) throw optionError("rate", "must be above 0 and up to 1000");
  if (!Number.isSafeInteger(timeoutMs) || timeoutMs < 1) throw optionError("timeoutMs", "must be a positive integer");
}
