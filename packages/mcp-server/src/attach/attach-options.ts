import { optionError, refuseUnknownOptions } from "@attest/core";
import { DEFAULT_MAX_EVENT } from "./answer-filter.ts";

/** How a gate is attached to a handler. */
export interface AttachOptions {
  /**
   * The framework behind the gate parses the message again, so that an object of the guard's making is lost on the way: a
   * reference goes with the message, which the framework can see, and the server behind it needs `attestServer` with the
   * same guard in the same process. Default false.
   */
  readonly reparsed?: boolean;
  /** Largest event of a stream that is passed on, in characters; a larger one ends the stream with an error. Default 16 Mi. */
  readonly maxEvent?: number;
}

/**
 * Validates the options of an attach function.
 *
 * @throws AttestationError `ERR_OPTION`, naming the option.
 */
export function attachOptions(options: AttachOptions, of: string): Required<AttachOptions> {
  refuseUnknownOptions(options, ["reparsed", "maxEvent"], of);
  const { reparsed = false, maxEvent = DEFAULT_MAX_EVENT } = options;
  if (typeof reparsed !== "boolean") throw optionError("reparsed", "must be true or false");
  if (!Number.isSafeInteger(maxEvent) || maxEvent < 1024) {
    throw optionError("maxEvent", "must be a whole number of characters, at least 1024");
  }
  return { reparsed, maxEvent };
}
