import { optionError, refuseUnknownOptions } from "@attest/core";

/** How a gate is attached to a handler. */
export interface AttachOptions {
  /**
   * The framework behind the gate parses the message again, so that an object of the guard's making is lost on the way: a
   * reference goes with the message, which the framework can see, and the server behind it needs `attestServer` with the
   * same guard in the same process. Default false.
   */
  readonly reparsed?: boolean;
  /** Largest event of a stream that is passed on, in bytes; a larger one ends the stream with an error. Default 16 MiB. */
  readonly maxEvent?: number;
}

/**
 * Validates the options of an attach function.
 *
 * @throws AttestationError `ERR_OPTION`, naming the option.
 */
export function attachOptions(options: AttachOptions, of: string): Required<AttachOptions> {
  refuseUnknownOptions(options, ["reparsed", "maxEvent"], of);
  const { reparsed = false, maxEvent = 16 * 1024 * 1024 } = options;
  if (typeof reparsed !== "boolean") throw optionError("reparsed", "must be true or false");
  if (!Number.isSafeInteger(maxEvent) || maxEvent < 1024) {
    throw optionError("maxEvent", "must be a whole number of bytes, at least 1024");
  }
  return { reparsed, maxEvent };
}
