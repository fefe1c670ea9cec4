/** The part of both SDKs' `Transport` that an adapter touches. */
export interface TransportLike {
  // biome-ignore lint/suspicious/noExplicitAny: the SDKs' own message and extra types, which this package does not import
  onmessage?: ((message: any, extra?: any) => void) | undefined;
  onerror?: ((error: Error) => void) | undefined;
  // biome-ignore lint/suspicious/noExplicitAny: the SDKs' own message and option types, which this package does not import
  send(message: any, options?: any): Promise<void>;
}
