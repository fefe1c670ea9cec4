import { type Clock, systemClock } from "@attest/core";
import { ConfigurationError, LogFile } from "@attest/service";
import {
  PUBLISH_DELAY,
  type Revocable,
  type Revocation,
  reinstateIn,
  revokeIn,
  type StatusListPublisher,
} from "@attest/status-list";
import { readConfiguration } from "../configuration/open-parts.ts";
import { openStorage } from "../configuration/open-status-list.ts";
import type { AuthorityRecord } from "../record.ts";

/** Revokes what an authority attested. */
export interface Revocations {
  /**
   * Seconds from a revocation until no verifier uses a list without it, at most. Each verifier adds the deadline of its fetches
   * and its own `staleIfError`; a shorter `pollInterval` of its own makes it shorter.
   */
  readonly within: number;
  /**
   * Revokes a key by its thumbprint, a workload `<evidence>/<subject>` with all of its keys, or the key with an index.
   *
   * @returns The indexes that verifiers refuse. @throws AttestationError as `StatusListPublisher.revoke`.
   */
  revoke(revocation: Revocation): Promise<readonly number[]>;
  /** Attests a key or a workload again; what was revoked stays so. @throws AttestationError as `revoke`. */
  reinstate(revocable: Revocable): Promise<void>;
}

/** The revocations of a list that this process publishes. */
export function revocationsOf(list: StatusListPublisher): Revocations {
  return {
    within: list.publishDelay + list.ttl,
    revoke: (revocation) => list.revoke(revocation),
    reinstate: (revocable) => list.reinstate(revocable),
  };
}

/**
 * Opens the revocations of a configuration's storage, next to the authority that runs by it: that publishes them within a
 * second, also while it runs. They are written to the configuration's audit log.
 *
 * @param file The path of the configuration.
 * @param options What is reported where, and the time.
 * @param options.report Notified where the audit log could not be written. Default: nobody.
 * @param options.clock Unix seconds. Default: the machine's.
 * @throws ConfigurationError where there is no status list, or it
 * is in the memory of another process; what the storage says.
 */
export async function openRevocations(
  file: string,
  { report = () => {}, clock = systemClock }: { report?: (problem: unknown) => void; clock?: Clock } = {},
): Promise<Revocations & { close(): Promise<void> }> {
  const read = await readConfiguration(file);
  const { statusList, storage: stored, audit: log } = read.configuration;
  if (!statusList || !stored) {
    const [place, message] = statusList
      ? ["storage", "is needed to revoke from another process: the list is in the authority's memory"]
      : ["statusList", "is needed to revoke: attestations of this authority have no status"];
    throw new ConfigurationError(file, [{ place: place as string, message: message as string }]);
  }
  const { storage, close } = await openStorage(read);
  const audit = log && (await LogFile.open(read.files.path(log.file)));
  const inner: Revocations = {
    within: PUBLISH_DELAY + statusList.ttl,
    revoke: (revocation) => revokeIn(storage, revocation, { clock }),
    reinstate: (revocable) => reinstateIn(storage, revocable, { clock }),
  };
  const record = async (entry: AuthorityRecord) => audit?.write(JSON.stringify(entry));
  return {
    ...recordedRevocations(inner, { record, report, clock }),
    async close() {
      await audit?.close();
      await close();
    },
  };
}

/** Revocations that are written to an audit log. One that cannot be written holds no revocation up: it is reported. */
export function recordedRevocations(
  inner: Revocations,
  to: { record(entry: AuthorityRecord): Promise<void>; report(problem: unknown): void; clock: Clock },
): Revocations {
  const record = (outcome: "revoked" | "reinstated", { key, workload }: Partial<Revocable>, more: object = {}) => {
    const named = { ...(key !== undefined && { keyThumbprint: key }), ...(workload !== undefined && { workload }) };
    const entry = { time: Math.floor(to.clock()), outcome, endpoint: "revocations", ...named, ...more } as const;
    return to.record(entry).catch((error: unknown) => to.report(error));
  };
  return {
    within: inner.within,
    async revoke(revocation) {
      const revoked = await inner.revoke(revocation);
      await record("revoked", revocation as Partial<Revocable>, { statusIndex: revoked });
      return revoked;
    },
    async reinstate(revocable) {
      await inner.reinstate(revocable);
      await record("reinstated", revocable);
    },
  };
}
