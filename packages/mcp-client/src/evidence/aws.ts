import { AttestationError, optionError, refuseUnknownOptions } from "@attest/core";
import { GetWebIdentityTokenCommand, type STSClient } from "@aws-sdk/client-sts";
import type { CredentialAsk } from "../http-source.ts";
import { assertEvidenceOptions, audienceFor, type EvidenceOptions, tokenIn } from "./evidence-request.ts";

export type { EvidenceOptions } from "./evidence-request.ts";

/** How a workload of AWS asks for a token of its role. */
export interface AwsCredentialOptions extends EvidenceOptions {
  /** An `STSClient` of `@aws-sdk/client-sts` with a region: the global endpoint has no GetWebIdentityToken. */
  readonly client: STSClient;
  /** Default `ES384`. */
  readonly signingAlgorithm?: "ES384" | "RS256";
  /** Seconds, from 60 to 3600. Default 60. */
  readonly durationSeconds?: number;
}

const PLATFORM = "AWS STS";

/**
 * A `credential` for `httpSource`: asks AWS STS for a web identity token of the caller's role, for this authority and the agent's
 * key. The account must have outbound identity federation, and the role the right to `sts:GetWebIdentityToken`.
 *
 * Source: AWS STS API Reference, GetWebIdentityToken.
 *
 * @throws AttestationError `ERR_OPTION`; the callback rejects with `ERR_SOURCE_UNAVAILABLE`, which holds the name of AWS's error.
 */
export function awsCredential(options: AwsCredentialOptions): (ask: CredentialAsk) => Promise<string> {
  refuseUnknownOptions(
    options,
    { audience: true, keyBound: true, client: true, signingAlgorithm: true, durationSeconds: true },
    "an AWS credential",
  );
  assertEvidenceOptions(options);
  const { client, signingAlgorithm = "ES384", durationSeconds = 60 } = options;
  if (typeof client?.send !== "function") throw optionError("client", "must be an STSClient of @aws-sdk/client-sts");
  if (signingAlgorithm !== "ES384" && signingAlgorithm !== "RS256") {
    throw optionError("signingAlgorithm", "must be ES384 or RS256");
  }
  if (!Number.isSafeInteger(durationSeconds) || durationSeconds < 60 || durationSeconds > 3600) {
    throw optionError("durationSeconds", "must be a whole number of seconds from 60 to 3600");
  }
  return async (ask) => {
    const input = {
      Audience: [audienceFor(options, ask)],
      SigningAlgorithm: signingAlgorithm,
      DurationSeconds: durationSeconds,
    };
    try {
      const { WebIdentityToken } = await client.send(new GetWebIdentityTokenCommand(input), {
        abortSignal: ask.signal,
      });
      return tokenIn(PLATFORM, WebIdentityToken);
    } catch (error) {
      if (error instanceof AttestationError) throw error;
      const { name } = (error ?? {}) as { name?: unknown };
      const known = typeof name === "string" && /^[A-Za-z]{1,64}$/.test(name) ? ` (${name})` : "";
      throw new AttestationError("ERR_SOURCE_UNAVAILABLE", `${PLATFORM} gave no token${known}`);
    }
  };
}
