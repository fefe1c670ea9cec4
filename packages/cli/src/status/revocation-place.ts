import { stat } from "node:fs/promises";
import { AttestationError } from "@attest/core";
import type { Revocable, Revocation } from "@attest/status-list";
import { UsageError } from "../exit.ts";
import { readCredentialFile } from "../input/read-input.ts";
import { readUrl } from "../input/read-url.ts";

/** Where something is revoked, as options say it. */
export interface PlaceOptions {
  readonly config?: string;
  readonly storage?: string;
  readonly authority?: string;
  readonly tokenFile?: string;
}

/** Where something is revoked. */
export interface RevocationPlace {
  /** Seconds after which no server uses an older list; `undefined` where that is not known here. */
  readonly within: number | undefined;
  revoke(revocation: Revocation): Promise<readonly number[]>;
  reinstate(revocable: Revocable): Promise<void>;
  close(): Promise<void>;
}

/** Milliseconds for an authority to answer. */
const TIMEOUT_MS = 10_000;

/** Opens the one place that the options name. @throws UsageError. */
export async function openPlace(options: PlaceOptions): Promise<RevocationPlace> {
  const { config, storage, authority, tokenFile } = options;
  if ([config, storage, authority].filter((each) => each !== undefined).length !== 1) {
    throw new UsageError("Give one of --config, --storage and --authority");
  }
  if ((authority === undefined) !== (tokenFile === undefined)) {
    throw new UsageError("--authority and --token-file belong together");
  }
  if (config !== undefined) return ofConfiguration(config);
  return storage === undefined ? ofAuthority(authority as string, tokenFile as string) : ofDirectory(storage);
}

async function ofConfiguration(file: string): Promise<RevocationPlace> {
  const { ConfigurationError, openRevocations } = await import("@attest/authority/node");
  try {
    const report = () => console.error("The audit log of the configuration could not be written.");
    return await openRevocations(file, { report });
  } catch (error) {
    if (error instanceof ConfigurationError) throw new UsageError(error.message);
    throw error;
  }
}

async function ofDirectory(directory: string): Promise<RevocationPlace> {
  // What is made where nothing was revokes nothing.
  const found = await stat(directory).catch(() => undefined);
  if (!found?.isDirectory()) throw new UsageError(`--storage: ${directory} is not a directory`);
  const [{ reinstateIn, revokeIn }, { FileStatusStorage }] = await Promise.all([
    import("@attest/status-list"),
    import("@attest/status-list/node"),
  ]);
  const storage = new FileStatusStorage(directory);
  return {
    within: undefined,
    revoke: (revocation) => revokeIn(storage, revocation),
    reinstate: (revocable) => reinstateIn(storage, revocable),
    close: async () => {},
  };
}

async function ofAuthority(address: string, tokenFile: string): Promise<RevocationPlace> {
  const base = readUrl(address);
  const isLocal = ["127.0.0.1", "[::1]", "localhost"].includes(base.hostname);
  if (base.protocol === "http:" && !isLocal) {
    throw new UsageError("--authority: the token would travel in the clear: use https, or this machine's loopback");
  }
  const token = await readCredentialFile(tokenFile, "--token-file");
  let within: number | undefined;
  const post = async (path: string, body: object): Promise<{ revoked?: readonly number[]; within?: number }> => {
    const answer = await fetch(new URL(path, base), {
      method: "POST",
      headers: { Authorization: `Bearer ${token}`, "Content-Type": "application/json" },
      body: JSON.stringify(body),
      redirect: "error",
      signal: AbortSignal.timeout(TIMEOUT_MS),
    }).catch((error: Error) => {
      throw new AttestationError("ERR_REVOCATION_UNAVAILABLE", `The authority cannot be reached (${error.name})`);
    });
    const { problem, ...found } = (await answer.json().catch(() => ({}))) as { problem?: string };
    if (answer.ok) return found;
    if (answer.status === 401) throw new UsageError("--token-file: is not the token of this authority");
    if (answer.status === 404)
      throw new UsageError("--authority: does not revoke: is it the admin address, with a token?");
    if (answer.status === 400) throw new UsageError(`The authority refuses: ${problem ?? "no reason was given"}`);
    throw new AttestationError("ERR_REVOCATION_UNAVAILABLE", `${problem ?? "The authority failed"} (${answer.status})`);
  };
  return {
    get within() {
      return within;
    },
    async revoke(revocation) {
      const answer = await post("/revocations", revocation);
      within = answer.within;
      return answer.revoked ?? [];
    },
    async reinstate(revocable) {
      await post("/reinstatements", revocable);
    },
    close: async () => {},
  };
}
