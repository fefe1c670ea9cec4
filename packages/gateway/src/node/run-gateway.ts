import { createReadStream } from "node:fs";
import type { IncomingMessage, ServerResponse } from "node:http";
import { createInterface } from "node:readline";
import { type Clock, combineObservers, type Observer, systemClock } from "@attest/core";
import { createAuditLog, verifyAuditLog } from "@attest/observability";
import {
  ConfigurationError,
  hostAndPort,
  isLoopback,
  type Listener,
  LogFile,
  listen,
  listenAdmin,
} from "@attest/service";
import type { UpstreamFailure } from "../answer/upstream-failure.ts";
import {
  type OpenVerifier,
  openServer,
  openStores,
  openVerifier,
  type ReadGateway,
  readGateway,
  rightly,
  serversOf,
  type WrittenConfiguration,
} from "../configuration/open-parts.ts";
import { Gateway } from "../gateway.ts";
import { configureGateway } from "../gateway-options.ts";
import { SessionIds } from "../wire/session-ids.ts";
import { serveGateway } from "./create-node-gateway.ts";
import { gatewayMetrics } from "./gateway-metrics.ts";
import { type OpenUpstream, OpenUpstreams } from "./open-upstreams.ts";

/** A gateway that runs by a configuration file. */
export interface RunningGateway {
  /** Where agents reach it. */
  readonly url: URL;
  /** The address of `/health`, `/ready`, `/metrics` and `/jwks`, if there is one. */
  readonly adminUrl: URL | undefined;
  /**
   * Reads the configuration again. Sessions, replay memory and counters stay, calls under way go on, and streams end so that what
   * agents may see is new. Processes of a server that is there no longer end when its calls have, within `drain` seconds. What is wrong
   * changes nothing. @throws ConfigurationError.
   */
  reload(): Promise<void>;
  /** Ends calls under way within `drain` seconds, and everything else. */
  close(): Promise<void>;
}

/** How it is run. */
export interface RunOptions {
  /** Notified of everything that the guard and its stores report, besides the metrics. Default: nobody. */
  readonly observer?: Observer;
  /** Notified of answers that a server failed to give. */
  readonly onFailure?: (failure: UpstreamFailure) => void;
  /** Notified of lines that processes write to stderr. */
  readonly onStderr?: (line: string) => void;
  /** Notified of failures that are the gateway's own. */
  readonly report?: (problem: unknown) => void;
  /** Unix seconds. Default: the machine's. */
  readonly clock?: Clock;
}

interface Entry {
  /** Absent where every path is the server's, as far as its public address does not say otherwise. */
  readonly path: string | undefined;
  readonly gateway: Gateway;
  readonly behind: OpenUpstream;
}

/** What decides: made again when the configuration is read again. */
interface Decisions {
  readonly entries: readonly Entry[];
  readonly trusted: OpenVerifier;
  /** Public keys of assertions. */
  readonly keys: readonly object[];
}

/**
 * Runs a gateway by a configuration file.
 *
 * @param source Its path; or what is in it, where there is none.
 * @param options Who is notified of what, and the time. Default: nobody, and the machine's time.
 * @throws ConfigurationError with everything that is wrong, by line; what the system or a store says.
 */
export async function runGateway(
  source: string | WrittenConfiguration,
  options: RunOptions = {},
): Promise<RunningGateway> {
  const { report = () => {}, clock = systemClock, onStderr = () => {} } = options;
  const read = await readGateway(source);
  const { configuration, files } = read;
  const metrics = gatewayMetrics();
  const audit = configuration.audit && (await openAudit(files.path(configuration.audit.file), report));
  const observers = [metrics, ...(audit ? [audit.observer] : []), ...(options.observer ? [options.observer] : [])];
  const { onEvent = () => {}, onStart } = combineObservers(...observers);
  // Where nobody watches what begins, no message has to be described for it.
  const observer: Observer = observers.some((each) => each.onStart) && onStart ? { onEvent, onStart } : { onEvent };
  const onFailure = (failure: UpstreamFailure) => {
    metrics.count(failure);
    options.onFailure?.(failure);
  };
  const stores = await openStores(read, { clock, observer });
  const sessionIds = new Map<string, SessionIds>();
  const upstreams = new OpenUpstreams(configuration.drain * 1000);

  const decide = async (from: ReadGateway): Promise<Decisions> => {
    const trusted = await openVerifier(from, { ...stores, clock, observer });
    const keys: object[] = [];
    const entries: Entry[] = [];
    for (const [path, server] of serversOf(from.configuration)) {
      const made = { verifier: trusted.verifier, secrets: stores.secrets, onFailure, onStderr };
      const opened = await openServer(from, server, made);
      const configured = rightly(from, () => configureGateway(opened));
      if (opened.signer) keys.push(opened.signer.toJwk());
      const ids =
        sessionIds.get(server.audience) ??
        new SessionIds(stores.secrets, configured.guard.configuration.maxSessions, server.audience);
      sessionIds.set(server.audience, ids);
      const behind = upstreams.get(JSON.stringify(server.upstream), configured);
      entries.push({ path, gateway: new Gateway(configured, behind.upstream, ids), behind });
    }
    return { entries, trusted, keys };
  };

  const closers: (() => unknown)[] = [() => stores.close(), () => audit?.close()];
  try {
    let current = await decide(read);
    closers.unshift(() => current.trusted.close());
    closers.unshift(() => upstreams.close());
    await current.trusted.verifier.ready();
    let draining = false;
    const handle = (req: IncomingMessage, res: ServerResponse): void => {
      const [path = "/"] = (req.url ?? "/").split("?", 1);
      const entry = current.entries.find(
        (one) => one.path === undefined || one.path === path || one.gateway.hasMetadataAt(path),
      );
      // A client that stays is sent to another replica.
      if (draining) res.setHeader("Connection", "close");
      if (!entry) return void res.writeHead(404).end();
      entry.behind.calls.begin(res);
      serveGateway(entry.gateway, req, res);
    };
    const address = hostAndPort(configuration.listen);
    if (!isLoopback(address.host) && !configuration.tls) {
      report(new Error("Requests come unencrypted to an address that others can reach: set tls, or put TLS in front"));
    }
    const { tls } = configuration;
    const certificates = tls && { key: await files.text(tls.key), cert: await files.text(tls.certificate) };
    const served: Listener = await listen(handle, { ...address, ...(certificates && { tls: certificates }) });
    const endStreams = (changed: boolean) => {
      for (const { gateway } of current.entries) gateway.endStreams(changed);
    };
    closers.unshift(async () => {
      draining = true;
      endStreams(false);
      await served.close(configuration.drain * 1000);
    });
    const isReady = async () => {
      if (draining) throw new Error("draining");
      await current.trusted.verifier.ready();
    };
    const other = async (request: Request) =>
      new URL(request.url).pathname === "/jwks" ? Response.json({ keys: current.keys }) : undefined;
    const admin =
      configuration.admin &&
      (await listenAdmin(configuration.admin.listen, { isReady, metrics: metrics.handler, other }));
    if (admin) closers.push(() => admin.close(0));
    return {
      url: served.url,
      adminUrl: admin?.url,
      async reload() {
        await audit?.reopen();
        try {
          const next = await decide(await readGateway(source));
          const before = current;
          endStreams(true);
          current = next;
          await before.trusted.close();
        } finally {
          upstreams.keep(new Set(current.entries.map(({ behind }) => behind)));
        }
      },
      close: () => closeAll(closers),
    };
  } catch (error) {
    await closeAll(closers);
    throw error;
  }
}

async function closeAll(closers: readonly (() => unknown)[]): Promise<void> {
  for (const close of closers) await close();
}

/** An audit log that goes on where its file ends. @throws ConfigurationError if the file is no whole audit log. */
async function openAudit(path: string, report: (problem: unknown) => void) {
  const log = await LogFile.open(path);
  const verdict = await verifyAuditLog(
    createInterface({ input: createReadStream(path), crlfDelay: Number.POSITIVE_INFINITY }),
  );
  if (!verdict.valid) {
    await log.close();
    const message = `is no whole audit log from line ${verdict.line} on (${verdict.problem}): begin another`;
    throw new ConfigurationError(path, [{ place: "audit.file", line: verdict.line, message }]);
  }
  const { entries, head } = verdict;
  const write = (line: string) => void log.write(line).catch(report);
  return {
    observer: createAuditLog({ write, after: { entries, head } }),
    reopen: () => log.reopen(),
    close: () => log.close(),
  };
}
