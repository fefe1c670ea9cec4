import { type Clock, combineObservers, type Observer, systemClock } from "@attest/core";
import type { PlannedRotation } from "@attest/jwks";
import { ConfigurationError, hostAndPort, isLoopback, type ListenOptions, LogFile } from "@attest/service";
import { openKeys } from "../configuration/open-keys.ts";
import {
  asConfigurationError,
  openDecisions,
  openStores,
  type ReadConfiguration,
  readConfiguration,
} from "../configuration/open-parts.ts";
import type { AuthorityConfigurationFile } from "../configuration/schema.ts";
import { type Authority, createAuthority } from "../create-authority.ts";
import type { AuthorityRecord } from "../record.ts";
import { authorityMetrics } from "./authority-metrics.ts";
import { listenAdmin } from "./listen-admin.ts";
import { type Revocations, recordedRevocations, revocationsOf } from "./revocations.ts";
import { serveAuthority } from "./serve-authority.ts";

/** An authority that runs by a configuration file. */
export interface RunningAuthority {
  /** Where it listens. */
  readonly url: URL;
  /** The address of `/health`, `/ready` and `/metrics`, if there is one. */
  readonly adminUrl: URL | undefined;
  /** The authority's name: `iss` of its attestations. */
  readonly issuer: string;
  /** Reads the configuration again: evidence, rules and limits. What is wrong changes nothing. @throws ConfigurationError. */
  reload(): Promise<void>;
  /** Makes the next signing key the current one. */
  rotate: Authority["rotate"];
  /** Revokes, and writes it to the audit log. Absent without a status list. */
  readonly revocations: Revocations | undefined;
  /** Ends requests under way within `drain` seconds, and everything else. */
  close(): Promise<void>;
}

/** How it is run. */
export interface RunOptions {
  /** Notified of everything that the authority and its stores report, besides the metrics. Default: nobody. */
  readonly observer?: Observer;
  /** Notified of every issuance and refusal, besides the audit log. What it throws counts for nothing. */
  readonly onRecord?: (entry: AuthorityRecord) => void;
  /** Notified of failures that are the authority's own, and of what is only for trying out. */
  readonly report?: (problem: unknown) => void;
  /** Unix seconds. Default: the machine's. */
  readonly clock?: Clock;
}

/**
 * Runs an authority by a configuration file.
 *
 * @throws ConfigurationError with everything that is wrong, by line; what the system or a store says.
 */
export async function runAuthority(file: string, options: RunOptions = {}): Promise<RunningAuthority> {
  const { report = () => {}, clock = systemClock } = options;
  const read = await readConfiguration(file);
  const { configuration, files } = read;
  const metrics = authorityMetrics();
  const observer = options.observer ? combineObservers(metrics, options.observer) : metrics;
  const address = hostAndPort(configuration.listen);
  const tls = configuration.tls && (await readTls(configuration.tls, read));
  if (!configuration.publicUrl) assertLoopback(address, read);
  const stores = await openStores(read, { clock, observer });
  const audit = configuration.audit && (await LogFile.open(files.path(configuration.audit.file)));
  const record = async (entry: AuthorityRecord): Promise<void> => {
    metrics.count(entry);
    try {
      options.onRecord?.(entry);
    } catch (error) {
      report(error);
    }
    await audit?.write(JSON.stringify(entry));
  };
  const { keyStore, replayCache, secrets, statusList } = stores;
  const parts = { ...(secrets && { secrets }), ...(statusList && { statusList }) };
  const make = async (from: ReadConfiguration, url: URL): Promise<Authority> => {
    const publicUrl = configuration.publicUrl ?? ownUrls(url);
    const shared = { publicUrl, keyStore, replayCache, record, report, observer, clock, ...parts };
    const decisions = await openDecisions(from, { clock, replayCache });
    return createAuthority({ ...shared, ...decisions }).catch((error: unknown) => {
      throw asConfigurationError(error, from);
    });
  };
  const closers: (() => Promise<unknown>)[] = [() => stores.close(), async () => audit?.close()];
  try {
    let authority: Authority | undefined;
    const first = async (url: URL) => {
      authority = await make(read, url);
      return authority;
    };
    closers.unshift(async () => authority?.close());
    const { proxy } = configuration;
    const served = await serveAuthority(first, { ...address, ...(tls && { tls }), ...(proxy && { proxy }) });
    const drainMs = configuration.drain * 1000;
    closers.unshift(() => served.close(drainMs));
    const isReady = async () => {
      if (served.draining) throw new Error("draining");
      await authority?.ready();
    };
    const revocations = statusList && recordedRevocations(revocationsOf(statusList), { record, report, clock });
    const token = configuration.admin?.token === undefined ? undefined : await files.secret(configuration.admin.token);
    const admin =
      configuration.admin &&
      (await listenAdmin(configuration.admin.listen, {
        ...{ isReady, metrics: metrics.handler, report },
        ...(token && revocations && { revoking: { token, revocations } }),
      }));
    if (admin) closers.push(() => admin.close(0));
    if (!configuration.keys)
      report(new Error("The signing keys are in memory: they are lost when this process ends (keys)"));
    if (statusList && !configuration.storage)
      report(new Error("The status list is in memory: what is revoked is valid again after a restart (storage)"));
    return {
      url: served.url,
      adminUrl: admin?.url,
      issuer: configuration.issuer,
      async reload() {
        await audit?.reopen();
        const next = await make(await readConfiguration(file), served.url);
        const before = authority;
        authority = next;
        served.replace(next);
        await before?.close();
      },
      rotate: () => keyStore.rotate(),
      revocations,
      close: () => closeAll(closers),
    };
  } catch (error) {
    await closeAll(closers);
    throw error;
  }
}

/**
 * Makes the next signing key the current one where the keys of a configuration are kept: processes that share them follow
 * within a second.
 *
 * @throws ConfigurationError, also where the keys are in memory or in a key service; AttestationError.
 */
export async function rotateKeys(file: string): Promise<PlannedRotation> {
  const read = await readConfiguration(file);
  const { keys } = read.configuration;
  if (!keys || keys.kms) {
    const message = keys
      ? "are in a key service: name the next key in keys.kms"
      : "are in memory: there is nothing that another process can rotate";
    throw new ConfigurationError(file, [{ place: "keys", message }]);
  }
  const { keyStore, close } = await openKeys(read, { clock: systemClock });
  try {
    return await keyStore.rotate();
  } finally {
    await close();
  }
}

async function closeAll(closers: readonly (() => Promise<unknown>)[]): Promise<void> {
  for (const close of closers) await close();
}

async function readTls(
  { key, cert, clientCa }: NonNullable<AuthorityConfigurationFile["tls"]>,
  { files }: ReadConfiguration,
) {
  return {
    key: await files.text(key),
    cert: await files.text(cert),
    ...(clientCa !== undefined && { clientCa: await files.text(clientCa) }),
  };
}

/** Only on loopback is it known what clients call it. */
function assertLoopback({ host }: ListenOptions, { file, lineOf }: ReadConfiguration): void {
  if (isLoopback(host)) return;
  const line = lineOf(["listen"]);
  const why =
    "must be set: clients sign it, and it cannot be concluded from a host that is not this machine's loopback";
  throw new ConfigurationError(file, [{ place: "publicUrl", ...(line !== undefined && { line }), message: why }]);
}

/** What clients on this machine call an authority that is not published under another name. */
function ownUrls(url: URL): string[] {
  const byName = new URL(url);
  byName.hostname = "localhost";
  return [...new Set([url.href, byName.href])];
}
