import { AttestationError, decodeAttestation, KeyPair } from "@attest/core";
import type { AttestationSource } from "@attest/mcp-client";
import type { Command } from "commander";
import { MalformedError, UsageError } from "../exit.ts";
import { readCredentialFile } from "./read-input.ts";
import { readPrivateKey } from "./read-keys.ts";
import { writeSecret } from "./write-secret.ts";

/** Where an agent's credentials come from, as options. */
export interface AgentOptions {
  readonly attestation?: string;
  readonly holderKey?: string;
  readonly audience?: string;
  readonly authority?: string;
  readonly credentialFile?: string;
  readonly credentialEnv?: string;
  readonly saveAttestation?: string;
}

/** An attestation and the key that it is bound to; no key for a bearer attestation. */
export interface AgentCredentials {
  readonly attestation: string;
  readonly signer: KeyPair | undefined;
}

/** Adds the options that say where an agent's credentials come from. */
export function addAgentOptions(command: Command): Command {
  return command
    .option("--attestation <file>", "an attestation to present; - for stdin. This uses up a bearer attestation")
    .option("--holder-key <file>", "the agent's private key (JWK), for a bound attestation")
    .option("--authority <url>", "request the attestation from this authority: its /attestations address")
    .option("--credential-file <file>", "with --authority: a file with the workload's credential there; - for stdin")
    .option("--credential-env <name>", "with --authority: an environment variable with that credential")
    .option(
      "--save-attestation <file>",
      "with --authority: write the attestation to this file, for attest inspect and attest verify",
    )
    .option("--audience <uri>", "the server's resource identifier, exactly as configured there");
}

/**
 * Reads an attestation and its key from files, or requests an attestation for a new key from an authority.
 *
 * Writes the attestation that an authority gives to the file that is named for it.
 *
 * @returns `undefined` if no option names credentials.
 * @throws UsageError for options that do not go together; MalformedError with the authority's reason if it gives none.
 */
export async function readAgentCredentials(options: AgentOptions): Promise<AgentCredentials | undefined> {
  const { attestation, holderKey, authority, credentialFile, credentialEnv, audience, saveAttestation } = options;
  if (authority !== undefined) {
    if (attestation !== undefined || holderKey !== undefined) {
      throw new UsageError("Give --authority, or --attestation with --holder-key, not both");
    }
    if (audience === undefined) throw new UsageError("--authority needs --audience");
    const credential = await readCredential(credentialFile, credentialEnv);
    const credentials = await requestAttestation(authority, credential, audience);
    if (saveAttestation !== undefined) await writeSecret(saveAttestation, `${credentials.attestation}\n`, true);
    return credentials;
  }
  if (saveAttestation !== undefined) throw new UsageError("--save-attestation needs --authority");
  if (credentialFile !== undefined || credentialEnv !== undefined) {
    throw new UsageError("--credential-file and --credential-env need --authority");
  }
  if (attestation === undefined) {
    if (holderKey === undefined && audience === undefined) return undefined;
    throw new UsageError("--holder-key and --audience need --attestation or --authority");
  }
  return {
    attestation: await readCredentialFile(attestation, "--attestation"),
    signer: holderKey === undefined ? undefined : await readPrivateKey(holderKey, "--holder-key"),
  };
}

/** Whether a text is a bearer attestation, as far as it can be read. */
export function isBearer(attestation: string): boolean {
  try {
    return decodeAttestation(attestation).profile === "bearer";
  } catch {
    // What is malformed is sent as it is: how the server refuses it is the question.
    return false;
  }
}

async function readCredential(file: string | undefined, variable: string | undefined): Promise<string> {
  if ((file === undefined) === (variable === undefined)) {
    throw new UsageError("--authority needs exactly one of --credential-file and --credential-env");
  }
  if (file !== undefined) return readCredentialFile(file, "--credential-file");
  const value = process.env[variable ?? ""];
  if (value === undefined) throw new UsageError("--credential-env: there is no such environment variable");
  return value;
}

async function requestAttestation(url: string, credential: string, audience: string): Promise<AgentCredentials> {
  const { AttestingAgent, httpSource } = await import("@attest/mcp-client");
  const signer = await KeyPair.generate();
  const source: AttestationSource = httpSource(url, { credential: () => credential });
  const agent = new AttestingAgent({ source, signer });
  try {
    // The proof is for nothing that is sent: what is wanted is the attestation.
    const { attestation } = await agent.credentialsFor(audience, { kind: "message", method: "ping" });
    return { attestation, signer };
  } catch (error) {
    if (!(error instanceof AttestationError) || error.code !== "ERR_SOURCE_UNAVAILABLE") throw error;
    const why = error.cause instanceof AttestationError ? error.cause.message : error.message;
    throw new MalformedError(`--authority: ${why}`);
  }
}
