import {
  AttestationError,
  AttestationVerifier,
  type Clock,
  InMemoryKeyResolver,
  InMemoryReplayCache,
  KeyPair,
  type KeyResolver,
  type Observer,
  type PrivateJwk,
  type PublicJwk,
  type ReplayCache,
  type VerifierOptions,
} from "@attest/core";
import { type RemotelyTrustedIssuer, withRemoteKeys } from "@attest/jwks";
import { AttestationGuard } from "@attest/mcp-server";
import {
  ConfigurationError,
  defined,
  OwnFiles,
  openRedis,
  parseConfiguration,
  type ReadConfiguration,
  readConfiguration as read,
} from "@attest/service";
import { HttpStatusSource } from "@attest/status-list";
import type { NodeGatewayOptions } from "../gateway-options.ts";
import { type GatewayFile, type GatewayServer, lacking, schema } from "./schema.ts";

/** A configuration that was read from a file. */
export type ReadGateway = ReadConfiguration<GatewayFile>;

/** A configuration that is in no file: what it says, and the folder that its files are in. */
export interface WrittenConfiguration {
  /** What would be in the file, as an object. */
  readonly configuration: object;
  /** What errors call it. */
  readonly name: string;
  /** From where the paths in it are resolved. */
  readonly folder: string;
}

const FORM = { schema, lacks: lacking };

/** Reads and checks a configuration. @throws ConfigurationError. */
export async function readGateway(source: string | WrittenConfiguration): Promise<ReadGateway> {
  if (typeof source === "string") return read(source, FORM);
  const { configuration, name, folder } = source;
  const parsed = parseConfiguration(JSON.stringify(configuration), name, FORM);
  // All of it is on one line.
  return { ...parsed, lineOf: () => undefined, file: name, files: new OwnFiles(folder) };
}

/** What is opened once, for as long as the process lives. */
export interface Stores {
  readonly replayCache: ReplayCache;
  readonly secrets: readonly Uint8Array[] | undefined;
  close(): void;
}

/** Opens the replay cache and the secrets. */
export async function openStores(
  { configuration, files }: ReadGateway,
  { clock, observer }: { clock: Clock; observer: Observer },
): Promise<Stores> {
  const { replay, secrets } = configuration;
  const ring = secrets && (await Promise.all(secrets.ring.map((file) => files.secret(file))));
  const redis = replay && (await openRedis(replay, observer));
  return {
    replayCache: redis?.cache ?? new InMemoryReplayCache({ clock }),
    secrets: ring,
    close: () => redis?.close(),
  };
}

/** A verifier, and what it fetches with. */
export interface OpenVerifier {
  readonly verifier: AttestationVerifier;
  close(): Promise<void>;
}

/** Makes the verifier that all servers of a configuration share. @throws ConfigurationError. */
export async function openVerifier(
  source: ReadGateway,
  { replayCache, secrets, clock, observer }: Omit<Stores, "close"> & { clock: Clock; observer: Observer },
): Promise<OpenVerifier> {
  const { configuration } = source;
  const { maxDelegationDepth, tickets, policy, allowBearer, instances, proofWindow, clockTolerance, requiredClaims } =
    configuration;
  const { allowInsecureHttp = false, allowPrivateNetwork = false } = configuration;
  const http = { allowInsecureHttp, allowPrivateNetwork };
  const trustedIssuers: object[] = [];
  const held = new InMemoryKeyResolver();
  for (const { jwks, ...issuer } of configuration.trustedIssuers) {
    const isUrl = /^https?:/i.test(jwks);
    trustedIssuers.push({ ...defined(issuer), ...(isUrl && { jwksUri: jwks }) });
    if (!isUrl) await addKeys(held, issuer.issuer, jwks, source);
  }
  const audience = serversOf(configuration).map(([, server]) => server.audience);
  const options = {
    ...defined({ maxDelegationDepth, policy, allowBearer, instances, proofWindow, clockTolerance, requiredClaims }),
    audience: audience as [string, ...string[]],
    ...(held.issuers.length > 0 && { keyResolver: held }),
    trustedIssuers: trustedIssuers as unknown as [RemotelyTrustedIssuer, ...RemotelyTrustedIssuer[]],
    // Anyone who has the ring opens tickets; a ring with a store of one process is refused.
    tickets:
      tickets === false
        ? tickets
        : { ...defined(tickets ?? {}), ...(secrets && configuration.replay && { ring: secrets }) },
    replayCache,
    clock,
    observer,
  } as const;
  const isRemote = trustedIssuers.some((each) => "jwksUri" in each);
  return rightly(source, () => {
    const whole: VerifierOptions = isRemote ? withRemoteKeys(options, http) : (options as VerifierOptions);
    const { keyResolver } = whole;
    const statusSource = statusSourceOf(configuration, keyResolver, { ...http, clock });
    return {
      verifier: new AttestationVerifier({ ...whole, ...(statusSource && { statusSource }) }),
      async close() {
        await (keyResolver as { close?(): Promise<void> } | undefined)?.close?.();
        await statusSource?.close();
      },
    };
  });
}

/** What a gateway before one server of a configuration is made of. @throws ConfigurationError. */
export async function openServer(
  source: ReadGateway,
  server: GatewayServer,
  {
    verifier,
    secrets,
    ...told
  }: {
    verifier: AttestationVerifier;
    secrets: readonly Uint8Array[] | undefined;
    onFailure: NonNullable<NodeGatewayOptions["onFailure"]>;
    onStderr(line: string): void;
  },
): Promise<NodeGatewayOptions> {
  const { configuration, files } = source;
  const { limits = {}, enforce, signatures } = configuration;
  const { audience, assertion, demands, hideUnmet, publicUrl } = server;
  const signer = assertion && (await privateKey(source, assertion.key));
  const { body: maxBody, sessions: maxSessions, streams, streamsPerAgent, answer } = limits;
  const signed = signatures === undefined ? {} : { signatures: signatures === true ? signatures : defined(signatures) };
  const guard = rightly(
    source,
    () => new AttestationGuard({ verifier, audience, ...defined({ maxBody, maxSessions, enforce }), ...signed }),
  );
  return {
    guard,
    upstream: await upstreamOf(server, files, told.onStderr),
    ...(signer && assertion && { signer, issuer: assertion.issuer }),
    ...(assertion?.alg !== undefined && assertion.alg !== "ES256" && { assertionAlgorithm: assertion.alg }),
    ...defined({ demands, hideUnmet, publicUrl, secrets }),
    ...(configuration.cors && { cors: configuration.cors }),
    limits: defined({ streams, streamsPerAgent, answer }),
    onFailure: told.onFailure,
  };
}

/** The servers of a configuration by path; one server has the path of its public address, or every path. */
export function serversOf(configuration: GatewayFile): [path: string | undefined, server: GatewayServer][] {
  const { servers, audience, upstream, publicUrl, assertion, demands, hideUnmet } = configuration;
  if (servers) return Object.entries(servers);
  if (!audience || !upstream) return [];
  return [[undefined, { audience, upstream, publicUrl, assertion, demands, hideUnmet }]];
}

async function upstreamOf(
  { upstream }: GatewayServer,
  files: ReadGateway["files"],
  onStderr: (line: string) => void,
): Promise<NodeGatewayOptions["upstream"]> {
  if ("command" in upstream) {
    const [command = "", ...args] = upstream.command;
    return { command, args, ...defined({ env: upstream.env, ...upstream.children }), onStderr };
  }
  const { mtls, ...rest } = upstream;
  if (!mtls) return defined(rest);
  const read = async (file: string | undefined) => (file === undefined ? undefined : files.text(file));
  const tls = { certificate: await read(mtls.certificate), key: await read(mtls.key), ca: await read(mtls.ca) };
  return { ...defined(rest), tls: defined(tls) };
}

/** Runs what throws `ERR_OPTION`, which becomes a problem of the file. */
export function rightly<T>({ file }: ReadGateway, make: () => T): T {
  try {
    return make();
  } catch (error) {
    if (!(error instanceof AttestationError)) throw error;
    throw new ConfigurationError(file, [{ place: "", message: error.message }]);
  }
}

async function privateKey({ file, files }: ReadGateway, name: string): Promise<KeyPair> {
  try {
    return await KeyPair.fromJwk((await files.secretJson(name)) as PrivateJwk);
  } catch (error) {
    throw new ConfigurationError(file, [{ place: "assertion.key", message: `${name}: ${(error as Error).message}` }]);
  }
}

/** Adds the keys of a file: a JWK set, or one key. */
async function addKeys(held: InMemoryKeyResolver, issuer: string, name: string, { file, files }: ReadGateway) {
  const value = (await files.json(name)) as { keys?: readonly PublicJwk[] } & PublicJwk;
  for (const key of Array.isArray(value.keys) ? value.keys : [value]) {
    try {
      await held.addKey(issuer, key);
    } catch (error) {
      const message = `${name}: ${(error as Error).message}`;
      throw new ConfigurationError(file, [{ place: `trustedIssuers[${JSON.stringify(issuer)}].jwks`, message }]);
    }
  }
}

function statusSourceOf(
  { trustedIssuers }: GatewayFile,
  keyResolver: KeyResolver | undefined,
  options: { allowInsecureHttp: boolean; allowPrivateNetwork: boolean; clock: Clock },
): HttpStatusSource | undefined {
  const lists = Object.fromEntries(
    trustedIssuers.flatMap(({ issuer, statusLists }) => (statusLists ? [[issuer, statusLists]] : [])),
  );
  if (Object.keys(lists).length === 0) return undefined;
  if (!keyResolver) return undefined;
  return new HttpStatusSource({ lists, keyResolver, ...options });
}
