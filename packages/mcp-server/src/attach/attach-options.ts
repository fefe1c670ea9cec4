import { flag, type OptionNames, refuseUnknownOptions, wholeNumber } from "@attest/core";

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

const OPTIONS: OptionNames<AttachOptions> = { reparsed: true, maxEvent: true };

/**
 * Validates the options of an attach function.
 *
 * @throws AttestationError `ERR_OPTION`, naming the option.
 */
export function attachOptions(options: AttachOptions, of: string): Required<AttachOptions> {
  refuseUnknownOptions(options, OPTIONS, of);
  const { maxEvent = 16 * 1024 * 1024 } = options;
  return {
    reparsed: flag("reparsed", options.reparsed),
    maxEvent: wholeNumber("maxEvent", maxEvent, 1024, Number.MAX_SAFE_INTEGER, "a whole number of bytes"),
  };
}
