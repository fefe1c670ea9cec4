/** The part of both MCP SDKs' `Transport` that guards and agents touch, so that neither depends on an SDK. */
export interface TransportLike {
  /** Called with each message that arrives. */
  // biome-ignore lint/suspicious/noExplicitAny: the SDKs' own message and extra types, which this project does not import
  onmessage?: ((message: any, extra?: any) => void) | undefined;
  /** Called with each failure that no caller waits for. */
  onerror?: ((error: Error) => void) | undefined;
  /** Sends one message. */
  // biome-ignore lint/suspicious/noExplicitAny: the SDKs' own message and option types, which this project does not import
  send(message: any, options?: any): Promise<void>;
  /** The session's id, where the transport has one. */
  readonly sessionId?: string | undefined;
}
