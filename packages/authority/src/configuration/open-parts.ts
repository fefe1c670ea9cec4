import { AttestationError, type Clock, InMemoryReplayCache, type ReplayCache } from "@attest/core";
import {
  ConfigurationError,
  type ConfigurationProblem,
  defined,
  openRedis,
  type ReadConfiguration as Read,
  readConfiguration as read,
} from "@attest/service";
import type { StatusListPublisher } from "@attest/status-list";
import type { AuthorityOptions } from "../authority-options.ts";
import type { EvidenceVerifier } from "../evidence/evidence.ts";
import type { AuthorityKeyStore } from "../keys/published-keys.ts";
import { buildEvidence } from "./build-evidence.ts";
import { openKeys } from "./open-keys.ts";
import { openStatusList, openStorage } from "./open-status-list.ts";
import { FORM } from "./parse-configuration.ts";
import type { AuthorityConfigurationFile } from "./schema.ts";

/** A configuration that was read from a file. */
export type ReadConfiguration = Read<AuthorityConfigurationFile>;

/** Reads and checks a configuration file. @throws ConfigurationError. */
export const readConfiguration = (file: string): Promise<ReadConfiguration> => read(file, FORM);

/** What is decided again when the configuration is read again: evidence and rules, limits and names. */
export type Decisions = Pick<
  AuthorityOptions,
  "issuer" | "evidence" | "rules" | "limits" | "tokenLifetime" | "acceptPossession1"
>;

/** Makes what decides. @throws ConfigurationError that lists every kind of evidence that is wrong. */
export async function openDecisions(
  { configuration, file, files, lineOf }: ReadConfiguration,
  { clock, replayCache }: { clock: Clock; replayCache: ReplayCache },
): Promise<Decisions> {
  const evidence: Record<string, EvidenceVerifier> = {};
  const problems: ConfigurationProblem[] = [];
  for (const [name, configured] of Object.entries(configuration.evidence)) {
    try {
      evidence[name] = await buildEvidence(configured, { files, clock, replayCache });
    } catch (error) {
      const [kind = ""] = Object.keys(configured);
      const line = lineOf(["evidence", name]);
      const place = `evidence.${name}.${kind}`;
      problems.push({ place, ...(line !== undefined && { line }), message: (error as Error).message });
    }
  }
  if (problems.length > 0) throw new ConfigurationError(file, problems);
  const { issuer, rules, limits, tokenLifetime, acceptPossession1 } = configuration;
  return {
    issuer,
    evidence,
    rules: rules as AuthorityOptions["rules"],
    ...(limits && { limits: defined(limits) }),
    ...(tokenLifetime !== undefined && { tokenLifetime }),
    ...(acceptPossession1 !== undefined && { acceptPossession1 }),
  };
}

/** Turns what the library says of options into problems of the file, with their lines. */
export function asConfigurationError(error: unknown, { file, lineOf }: ReadConfiguration): unknown {
  if (!(error instanceof AttestationError && error.code === "ERR_OPTION")) return error;
  const problems = error.message.split("\n").map((text): ConfigurationProblem => {
    const [, index, rest = ""] = /^rules\[(\d+)\](.*)$/s.exec(text) ?? [];
    if (index === undefined) return { place: "", message: text };
    const member = /^\.(\w+)/.exec(rest)?.[1];
    const line = lineOf(["rules", Number(index), ...(member === undefined ? [] : [member])]);
    return { place: "", ...(line !== undefined && { line }), message: text };
  });
  const [first, ...others] = problems;
  const isHeading = first?.message === "rules are wrong:" || first?.message === "rules can never be attested:";
  return new ConfigurationError(file, isHeading && others.length > 0 ? others : problems);
}

/** What is opened once, for as long as the process lives. */
export interface Stores {
  readonly keyStore: AuthorityKeyStore;
  readonly replayCache: ReplayCache;
  readonly secrets?: readonly Uint8Array[];
  readonly statusList?: StatusListPublisher;
  close(): Promise<void>;
}

/** Opens keys, replay cache, secrets and the status list. @throws AttestationError, or an Error that says what to do. */
export async function openStores(
  { configuration, files }: ReadConfiguration,
  { clock, observer }: { clock: Clock; observer: NonNullable<AuthorityOptions["observer"]> },
): Promise<Stores> {
  const { replay, secrets } = configuration;
  const read = secrets && (await Promise.all(secrets.map((file) => files.secret(file))));
  const closers: (() => void | Promise<void>)[] = [];
  const close = async () => {
    for (const each of closers) await each();
  };
  try {
    const redis = replay && (await openRedis(replay, observer));
    if (redis) closers.push(redis.close);
    const { keyStore, close: closeKeys } = await openKeys({ configuration, files }, { clock, observer });
    closers.push(closeKeys);
    const { storage, close: closeStorage } = await openStorage({ configuration, files });
    closers.push(closeStorage);
    const statusList = await openStatusList({ configuration }, { storage, signer: keyStore, clock });
    return {
      keyStore,
      replayCache: redis?.cache ?? new InMemoryReplayCache({ clock }),
      ...(read && { secrets: read }),
      ...(statusList && { statusList }),
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}
