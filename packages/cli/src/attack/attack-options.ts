import type { AttackCredentialOptions } from "./credentials.ts";

/** The options of `attest attack`. */
export interface AttackOptions extends AttackCredentialOptions {
  readonly url?: string;
  readonly stdio?: string;
  readonly authority?: string;
  readonly credentialFile?: string;
  readonly rule?: string;
  readonly env?: readonly string[];
  readonly audience?: string;
  readonly tool?: string;
  readonly toolArguments?: string;
  readonly accessToken?: string;
  readonly era: "auto" | "handshake" | "stateless";
  readonly only?: readonly string[];
  readonly rate: number;
  readonly timeout: number;
  readonly maxDuration: number;
  readonly report?: readonly string[];
  readonly list?: boolean;
  readonly json?: boolean;
}
