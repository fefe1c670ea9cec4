import { optionError } from "./errors.ts";
import type { AttestationEvent } from "./events.ts";

/** The message that an operation is about. Every word of it is the peer's: for spans and logs, never for labels. */
export interface ObservedMessage {
  /** Its JSON-RPC method, at most 64 characters. Absent from answers. */
  method?: string;
  /** The tool, prompt or resource that it names, at most 256 characters. */
  target?: string;
  /** The `id` of a request or answer as text, at most 256 characters. */
  id?: string;
  /** The version of MCP that it names, or that its session was opened with. Absent where neither is known. */
  protocolVersion?: string;
  /** What it came by: `tcp` in an HTTP request, else `pipe`. */
  transport?: "tcp" | "pipe";
}

/** An operation that has a beginning and an end, with the trace context (W3C) that it belongs to, already checked for form. */
export interface ObservedOperation {
  /** What begins. */
  name: "verify" | "issue" | "jwks.fetch";
  /** The `traceparent` of the message. Absent where it has none. */
  traceparent?: string | undefined;
  /** The `tracestate` of the message. Absent where it has none. */
  tracestate?: string | undefined;
  /** The message that is verified. Absent where the verifier was not given it, and from operations of other names. */
  message?: ObservedMessage | undefined;
}

/**
 * Watches. It decides nothing, and nothing it does has an effect: what it throws is swallowed, a promise it rejects too.
 * It runs in line with the operation it watches, so it should be quick.
 */
export interface Observer {
  /** Called with everything that happens, once it has happened. */
  onEvent?(event: AttestationEvent): void;
  /** Called when an operation begins; what it returns is called once with that operation's closing event. */
  // biome-ignore lint/suspicious/noConfusingVoidType: an observer without interest in the end simply returns nothing
  onStart?(operation: ObservedOperation): ((outcome: AttestationEvent) => void) | void;
}

/**
 * Refuses what cannot watch, such as the function that makes an observer. For every package's constructors: nobody would
 * miss what is never told.
 *
 * @throws AttestationError `ERR_OPTION` unless it has `onEvent` or `onStart`, or is `undefined`.
 */
export function assertObserver(observer: unknown): asserts observer is Observer | undefined {
  if (observer === undefined) return;
  const { onEvent, onStart } = (observer ?? {}) as Partial<Observer>;
  const known = [onEvent, onStart].filter((watch) => watch !== undefined);
  if (known.length === 0 || !known.every((watch) => typeof watch === "function")) {
    throw optionError("observer", "must have a function onEvent or onStart");
  }
}

/**
 * One observer that passes everything on to each of several; one of them failing does not keep it from the others.
 *
 * @throws AttestationError `ERR_OPTION` if one of them can watch nothing.
 */
export function combineObservers(...observers: Observer[]): Observer {
  for (const observer of observers) assertObserver(observer ?? null);
  return {
    onEvent(event) {
      for (const observer of observers) notify(observer, event);
    },
    onStart(operation) {
      const ends = observers.map((observer) => begin(observer, operation));
      return (outcome) => {
        for (const end of ends) end(outcome);
      };
    },
  };
}

/** Hands one event to an observer, whatever the observer does. */
export function notify(observer: Observer | undefined, event: AttestationEvent): void {
  if (observer?.onEvent) shielded(() => observer.onEvent?.(event));
}

/** Tells an observer that an operation begins; the returned function ends it. */
export function begin(
  observer: Observer | undefined,
  operation: ObservedOperation,
): (outcome: AttestationEvent) => void {
  if (!observer?.onStart) return () => {};
  const end = shielded(() => observer.onStart?.(operation));
  return (outcome) => {
    if (typeof end === "function") shielded(() => end(outcome));
  };
}

function shielded<T>(call: () => T): T | undefined {
  try {
    const result = call();
    // An async method still satisfies `void`; its rejection must not become an unhandled one.
    if (result instanceof Promise) result.catch(() => {});
    return result;
  } catch {
    return undefined;
  }
}
