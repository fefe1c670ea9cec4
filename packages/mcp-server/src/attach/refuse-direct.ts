import { optionError, type TransportLike } from "@attest/core";

/**
 * Refuses a server that connects to a transport itself, and not to the guarded one that was made of it: it would be without
 * a guard, and nothing would show it (M11).
 *
 * @returns Call it when a server connects to the guarded one. After that, instrumentation may replace `onmessage`.
 */
export function refuseDirect(transport: TransportLike): () => void {
  const own = Object.getOwnPropertyDescriptor(transport, "onmessage");
  const refused = Reflect.defineProperty(transport, "onmessage", {
    configurable: true,
    enumerable: true,
    get: () => (own && "value" in own ? own.value : undefined),
    set: () => {
      throw optionError(
        "transport",
        "must be what attestServerTransport returned: connect the server to that, not to the transport it was made of",
      );
    },
  });
  return () => {
    if (!refused) return;
    if (own) Object.defineProperty(transport, "onmessage", own);
    else Reflect.deleteProperty(transport, "onmessage");
  };
}
