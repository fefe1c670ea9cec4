/** An answer on its way to the agent. */
export interface GatewayAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** A text, or pieces as they come. */
  readonly body: string | AsyncIterable<Uint8Array>;
}
