/** The part of both SDKs' `Transport` that an adapter touches. */
export interface TransportLike {
  /** Called with each message that arrives. */
  // biome-ignore lint/suspicious/noExplicitAny: the SDKs' own message and extra types, which this package does not import
  onmessage?: ((message: any, extra?: any) => void) | undefined;
  /** Called with what fails where nobody waits for it. */
  onerror?: ((error: Error) => void) | undefined;
  /** Sends one message. */
  // biome-ignore lint/suspicious/noExplicitAny: the SDKs' own message and option types, which this package does not import
  send(message: any, options?: any): Promise<void>;
}
