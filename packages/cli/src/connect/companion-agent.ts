import { resolve } from "node:path";
import { AttestationError } from "@attest/core";
import type { AttestingAgent } from "@attest/mcp-client";
import { UsageError } from "../exit.ts";
import { readCredentialFile } from "../input/read-input.ts";
import { readPrivateKey } from "../input/read-keys.ts";

/** Where a companion's attestations come from, as options. */
export interface CompanionAgentOptions {
  readonly authority?: string;
  readonly credentialFile?: string;
  readonly credentialEnv?: string;
  readonly oidcFile?: string;
  readonly rule?: string;
  readonly attestation?: string;
  readonly holderKey?: string;
}

/**
 * The agent that a companion attests as: with a key of its own and attestations of an authority, or with those of a file, which
 * something else renews.
 *
 * @throws UsageError for options that do not go together, or a file that holds no key.
 */
export async function companionAgent(options: CompanionAgentOptions): Promise<AttestingAgent> {
  const { authority, attestation, holderKey, rule } = options;
  const { AttestingAgent, httpSource } = await import("@attest/mcp-client");
  if ((authority === undefined) === (attestation === undefined)) {
    throw new UsageError("Give --authority, or --attestation with --holder-key");
  }
  if (authority !== undefined) {
    if (holderKey !== undefined) throw new UsageError("--holder-key belongs to --attestation");
    const source = httpSource(authority, { credential: credentialOf(options), ...(rule !== undefined && { rule }) });
    return new AttestingAgent({ source });
  }
  const { credentialFile, credentialEnv, oidcFile } = options;
  if ([credentialFile, credentialEnv, oidcFile, rule].some((each) => each !== undefined)) {
    throw new UsageError("--credential-file, --credential-env, --oidc-file and --rule belong to --authority");
  }
  if (holderKey === undefined) throw new UsageError("--attestation needs --holder-key");
  const file = notStdin(attestation as string, "--attestation");
  const signer = await readPrivateKey(notStdin(holderKey, "--holder-key"), "--holder-key");
  await readCredentialFile(file, "--attestation");
  return new AttestingAgent({ source: { getAttestation: () => readWhenDue(file, "--attestation") }, signer });
}

/** What the authority is shown, read when it is: platforms replace their tokens. */
function credentialOf(options: CompanionAgentOptions): () => string | Promise<string> {
  const { credentialFile, credentialEnv, oidcFile } = options;
  const given = [credentialFile, credentialEnv, oidcFile].filter((each) => each !== undefined);
  if (given.length !== 1)
    throw new UsageError("Give exactly one of --credential-file, --credential-env and --oidc-file");
  if (credentialEnv !== undefined) {
    const value = process.env[credentialEnv];
    if (value === undefined) throw new UsageError("--credential-env: there is no such environment variable");
    return () => value;
  }
  const [file = "", option] =
    credentialFile === undefined ? [oidcFile, "--oidc-file"] : [credentialFile, "--credential-file"];
  const path = notStdin(file, option as string);
  return () => readWhenDue(path, option as string);
}

/** Reads a file while the companion runs. What is wrong then reaches the host, whose folder the user may not know. */
async function readWhenDue(file: string, option: string): Promise<string> {
  try {
    return await readCredentialFile(resolve(file), option);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    throw new AttestationError("ERR_SOURCE_UNAVAILABLE", error.message);
  }
}

/** Stdin is the client's. */
function notStdin(file: string, option: string): string {
  if (file === "-") throw new UsageError(`${option}: must be a file: stdin is what the client writes to`);
  return file;
}
