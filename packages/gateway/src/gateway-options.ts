import {
  callable,
  flag,
  isAbsoluteUri,
  type OptionNames,
  optionError,
  refuseUnknownOptions,
  type Signer,
  wholeNumber,
} from "@attest/core";
import type { AttestationGuard } from "@attest/mcp-server";
import type { CorsOptions } from "./answer/cors.ts";
import type { UpstreamFailure } from "./answer/upstream-failure.ts";
import type { Demands } from "./demands/demand.ts";
import { DemandTable } from "./demands/demand-table.ts";
import { checkVariables } from "./process/child-environment.ts";
import type { ProcessUpstreamConfiguration } from "./process/process-upstream.ts";
import type { UpstreamTls } from "./upstream/http-upstream.ts";
import { Asserter } from "./wire/assertion.ts";

/** A server over HTTP behind a gateway. */
export interface HttpUpstreamOptions {
  /** Its MCP endpoint. */
  readonly url: string | URL;
  /** Its name in assertions, an absolute URI. Needed where the gateway has a `signer`. */
  readonly audience?: string;
  /** Seconds until an answer must begin. Default 300. */
  readonly timeout?: number;
  /** Seconds for which a stream may be silent. Default 3600. */
  readonly idle?: number;
  /** Fields of requests that pass besides those of MCP. Default: none. */
  readonly fields?: readonly string[];
  /** Whether `Authorization` and `DPoP` pass. Default `pass`. */
  readonly authorization?: "pass" | "drop";
  /** Certificates, PEM, for an `https:` URL. The form for `fetch` takes none. */
  readonly tls?: UpstreamTls;
}

/** A server over stdio behind a gateway: a command, and a process of it for each session. */
export interface ProcessUpstreamOptions {
  /** The server's program. No shell reads it. */
  readonly command: string;
  /** The program's arguments. Default: none. */
  readonly args?: readonly string[];
  /** Its environment, besides `PATH`, `HOME` and the like. Nothing else of the gateway's own environment reaches it. */
  readonly env?: Readonly<Record<string, string>>;
  /** Processes at most. Default 32. */
  readonly max?: number;
  /** Of them, those of one agent; beyond, its own session that is idle longest ends. Default 4. */
  readonly perAgent?: number;
  /** Seconds after which a session that nobody uses ends. Default 900. */
  readonly idle?: number;
  /** Notified of each line that a process writes to stderr. Default: nobody. */
  readonly onStderr?: (line: string) => void;
}

/** What a gateway holds at most. */
export interface GatewayLimits {
  /** Streams that stay open: of GET, and of `subscriptions/listen`. Default 1000. */
  readonly streams?: number;
  /** Of them, those of one agent. Default 16. */
  readonly streamsPerAgent?: number;
  /** Bytes of an answer that is no stream, and of one event. Default 16 MiB. */
  readonly answer?: number;
}

/** The options of a gateway before a server over HTTP. */
export interface GatewayOptions {
  /** Decides about every message. Its `audience` is what agents call the server behind this gateway. */
  readonly guard: AttestationGuard;
  /** The server behind the gateway. */
  readonly upstream: HttpUpstreamOptions;
  /** Signs what the upstream learns about the agent, and nothing else. Default: the upstream learns nothing. */
  readonly signer?: Signer;
  /** The gateway's own name in assertions, an absolute URI; never that of an issuer that the guard trusts. */
  readonly issuer?: string;
  /** What an Ed25519 signer's algorithm is called in assertions. Default `EdDSA`. */
  readonly assertionAlgorithm?: "EdDSA" | "Ed25519";
  /** What an agent must be, by tool, resource and prompt. Default: whatever the guard's policy lets through. */
  readonly demands?: Demands;
  /** Leave what an agent may not use out of the lists that it is given. Default true. */
  readonly hideUnmet?: boolean;
  /** The address at which agents reach the endpoint. Default: every path is the endpoint, and OAuth metadata is not served. */
  readonly publicUrl?: string | URL;
  /** Secrets of at least 32 bytes that seal session ids, the same on every replica. The first seals. Default: a random one. */
  readonly secrets?: readonly Uint8Array[];
  /** How much of what passes at once. Default: the defaults of `GatewayLimits`. */
  readonly limits?: GatewayLimits;
  /** Pages in browsers that may use it. Default: the upstream's own `Access-Control-*` fields pass. */
  readonly cors?: CorsOptions;
  /** Notified of each answer that the upstream failed to give. What it throws counts for nothing. */
  readonly onFailure?: (failure: UpstreamFailure) => void;
}

/** The options of a gateway on Node: the server behind it may speak over stdio. */
export type NodeGatewayOptions = Omit<GatewayOptions, "upstream"> & {
  /** The server behind the gateway: at an address, or a command. */
  readonly upstream: HttpUpstreamOptions | ProcessUpstreamOptions;
};

/** The options, validated and with every default filled in. */
export interface GatewayConfiguration {
  readonly guard: AttestationGuard;
  /** What is behind the gateway. */
  readonly upstream:
    | { readonly kind: "http"; readonly url: URL; readonly tls: UpstreamTls | undefined }
    | ({ readonly kind: "process" } & ProcessUpstreamConfiguration);
  /** The upstream learns about the agent in the message, since it has no fields. */
  readonly tellsInMessages: boolean;
  readonly timeoutMs: number;
  readonly idleMs: number;
  readonly fields: readonly string[];
  readonly authorization: "pass" | "drop";
  readonly asserter: Asserter | undefined;
  readonly demands: DemandTable | undefined;
  readonly hideUnmet: boolean;
  readonly publicUrl: URL | undefined;
  readonly secrets: readonly Uint8Array[] | undefined;
  readonly limits: Required<GatewayLimits>;
  readonly cors: CorsOptions | undefined;
  readonly onFailure: (failure: UpstreamFailure) => void;
}

const OPTIONS: OptionNames<GatewayOptions> = {
  guard: true,
  upstream: true,
  signer: true,
  issuer: true,
  assertionAlgorithm: true,
  demands: true,
  hideUnmet: true,
  publicUrl: true,
  secrets: true,
  limits: true,
  cors: true,
  onFailure: true,
};
const UPSTREAM: OptionNames<HttpUpstreamOptions> = {
  url: true,
  audience: true,
  timeout: true,
  idle: true,
  fields: true,
  authorization: true,
  tls: true,
};
const PROCESS: OptionNames<ProcessUpstreamOptions> = {
  command: true,
  args: true,
  env: true,
  max: true,
  perAgent: true,
  idle: true,
  onStderr: true,
};
const LIMITS: OptionNames<GatewayLimits> = { streams: true, streamsPerAgent: true, answer: true };
/** Fields that a gateway writes itself, or that would change how a message is read. */
const NEVER_PASSED =
  /^(?:host|connection|content-.*|transfer-encoding|te|trailer|upgrade|keep-alive|proxy-.*|expect|accept-encoding|cookie|forwarded|x-forwarded-.*|authorization|dpop|mcp-.*|agent-attestation.*)$/;

/**
 * Validates the options of a gateway.
 *
 * @throws AttestationError `ERR_OPTION`, naming the option.
 */
export function configureGateway(options: NodeGatewayOptions): GatewayConfiguration {
  refuseUnknownOptions(options, OPTIONS, "a gateway");
  const { guard, upstream, demands, hideUnmet = true, publicUrl, secrets, limits = {}, cors, onFailure } = options;
  if (typeof guard?.check !== "function") throw optionError("guard", "must be an AttestationGuard");
  if (typeof upstream !== "object" || upstream === null) throw optionError("upstream", "must be an object with a url");
  const http = "command" in upstream ? {} : upstream;
  refuseUnknownOptions(upstream, "command" in upstream ? PROCESS : UPSTREAM, "an upstream");
  refuseUnknownOptions(limits, LIMITS, "the limits of a gateway");
  const { timeout = 300, idle = 3600, fields = [], authorization = "pass", tls } = http as Partial<HttpUpstreamOptions>;
  if (authorization !== "pass" && authorization !== "drop") {
    throw optionError("upstream.authorization", "must be pass or drop");
  }
  const { streams = 1000, streamsPerAgent = 16, answer = 16 * 1024 * 1024 } = limits;
  const report = callable("onFailure", onFailure);
  return {
    guard,
    upstream:
      "command" in upstream
        ? { kind: "process", ...processOf(upstream, answer) }
        : { kind: "http", url: urlOf("upstream.url", upstream.url), tls },
    tellsInMessages: "command" in upstream,
    timeoutMs: duration("upstream.timeout", timeout),
    idleMs: duration("upstream.idle", idle),
    fields: fields.map(passedField),
    authorization,
    asserter: asserterOf(options),
    demands: demands && new DemandTable(demands),
    hideUnmet: flag("hideUnmet", hideUnmet),
    publicUrl: publicUrl === undefined ? undefined : urlOf("publicUrl", publicUrl),
    secrets: secrets && secretsOf(secrets),
    limits: {
      streams: wholeNumber("limits.streams", streams, 1, 1_000_000),
      streamsPerAgent: wholeNumber("limits.streamsPerAgent", streamsPerAgent, 1, 1_000_000),
      answer: wholeNumber("limits.answer", answer, 1024, 1024 ** 3),
    },
    cors: cors && { origins: cors.origins.map((origin) => urlOf("cors.origins", origin).origin) },
    onFailure: (failure) => {
      try {
        report?.(failure);
      } catch {
        // An observer's failure is its own.
      }
    },
  };
}

function processOf(upstream: ProcessUpstreamOptions, maxLine: number): ProcessUpstreamConfiguration {
  const { command, args = [], env = {}, max = 32, perAgent = 4, idle = 900, onStderr } = upstream;
  if (typeof command !== "string" || command === "") throw optionError("upstream.command", "must be a command");
  if (!args.every((text) => typeof text === "string")) throw optionError("upstream.args", "must be texts");
  checkVariables("upstream.env", env);
  return {
    command,
    args: [...args],
    env: { ...env },
    max: wholeNumber("upstream.max", max, 1, 10_000),
    perAgent: wholeNumber("upstream.perAgent", perAgent, 1, 10_000),
    idleMs: duration("upstream.idle", idle),
    maxLine,
    onStderr: callable("upstream.onStderr", onStderr) ?? (() => {}),
  };
}

function asserterOf({ guard, upstream, signer, issuer, assertionAlgorithm }: NodeGatewayOptions): Asserter | undefined {
  const audience = "command" in upstream ? undefined : upstream.audience;
  if (signer === undefined) {
    if (issuer !== undefined) throw optionError("issuer", "is of use with a signer only");
    return undefined;
  }
  if ("command" in upstream)
    throw optionError("signer", "is of use for a server over HTTP only: over stdio, messages say it");
  if (!isAbsoluteUri(issuer)) throw optionError("issuer", "must be an absolute URI: the gateway's name in assertions");
  if (!isAbsoluteUri(audience)) throw optionError("upstream.audience", "must be an absolute URI: the upstream's name");
  const { issuers, clock } = guard.verifier.configuration;
  // One key that signs both would let an upstream's assertions stand in for attestations, and the other way about.
  if (issuers.has(issuer)) throw optionError("issuer", "must not be one that the guard trusts");
  const algorithm = assertionAlgorithm === undefined ? {} : { algorithm: assertionAlgorithm };
  return new Asserter({ signer, issuer, audience, ...algorithm }, clock);
}

function urlOf(name: string, value: string | URL): URL {
  if (!URL.canParse(String(value))) throw optionError(name, "must be an absolute URL");
  const url = new URL(value);
  if (url.protocol !== "http:" && url.protocol !== "https:") throw optionError(name, "must be an http: or https: URL");
  if (url.username !== "" || url.password !== "") throw optionError(name, "must hold no user and no password");
  return url;
}

function duration(name: string, seconds: number): number {
  if (!(Number.isFinite(seconds) && seconds > 0 && seconds <= 86_400)) {
    throw optionError(name, "must be a number of seconds up to 86400");
  }
  return seconds * 1000;
}

function passedField(name: string): string {
  if (!/^[A-Za-z0-9-]{1,64}$/.test(name)) throw optionError("upstream.fields", "must be names of HTTP fields");
  if (NEVER_PASSED.test(name.toLowerCase())) throw optionError("upstream.fields", `must not name ${name}`);
  return name;
}

function secretsOf(secrets: readonly Uint8Array[]): readonly Uint8Array[] {
  const good = secrets.length > 0 && secrets.every((each) => each instanceof Uint8Array && each.length >= 32);
  if (!good) throw optionError("secrets", "must be secrets of at least 32 bytes");
  return secrets.map((each) => Uint8Array.from(each));
}
