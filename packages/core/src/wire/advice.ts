/** What a refusal brings back, for the peer to act on. Passed on unchanged from the verifier to the answer, and to the agent. */
export interface Advice {
  /** The server's time, Unix seconds, where the refusal was about time, so that the peer can correct its clock. */
  readonly serverTime?: number;
}
