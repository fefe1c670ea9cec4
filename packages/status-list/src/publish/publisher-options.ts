import {
  AttestationError,
  type Clock,
  callable,
  isAbsoluteUri,
  MAX_LIFETIME,
  type OptionNames,
  optionError,
  refuseUnknownOptions,
  type Signer,
  systemClock,
  wholeNumber,
} from "@attest/core";
import { issuerName } from "../issuer-name.ts";
import type { StatusStorage } from "../storage/status-storage.ts";
import { MAX_LIST_LIFETIME } from "../token/read-status-list-token.ts";

/** How an authority publishes a status list. Durations are seconds. */
export interface StatusListPublisherOptions {
  /** Where verifiers fetch the list: an absolute URI, named by every attestation, that never changes. */
  readonly uri: string;
  /** The authority's name: `iss`. */
  readonly issuer: string;
  /** Signs the list: a signer, or a store that says which is current, such as a `RotatingKeyStore`. The authority's own. */
  readonly signer: Signer | { current(): Signer };
  /** Where allocations and revocations are kept; several processes may share it. */
  readonly storage: StatusStorage;
  /** How many keys the list has room for at a time, from 131072 to 67108864. It may grow later. Default 1048576. */
  readonly size?: number;
  /** How long verifiers may use the list without asking again, from 1 to 43200: the greatest part of a revocation's delay. Default 60. */
  readonly ttl?: number;
  /**
   * How long a list is valid, from twice the `ttl` to 86400. A server that goes on sending an old list can hide revocations
   * for as long. It is signed again after half of it. Default 3600, or twice the `ttl` if that is more.
   */
  readonly lifetime?: number;
  /** The longest that an attestation lives, from 1 to 3600. Default 3600. */
  readonly maxLifetime?: number;
  /** Unix seconds. Default: the machine's. */
  readonly clock?: Clock;
}

/** Options copied, defaults filled in. */
export type PublisherConfiguration = Readonly<
  Required<Omit<StatusListPublisherOptions, "signer">> & { signer: { current(): Signer } }
>;

const OPTIONS: OptionNames<StatusListPublisherOptions> = {
  uri: true,
  issuer: true,
  signer: true,
  storage: true,
  size: true,
  ttl: true,
  lifetime: true,
  maxLifetime: true,
  clock: true,
};

/** So many keys hide each one among the others. */
const LEAST_SIZE = 2 ** 17;
const MOST_SIZE = 2 ** 26;

/** @throws AttestationError `ERR_OPTION`, naming the option. */
export function configure(options: StatusListPublisherOptions): PublisherConfiguration {
  refuseUnknownOptions(options, OPTIONS, "a status list publisher");
  const { uri, issuer, signer, storage, size = 2 ** 20, ttl = 60, maxLifetime = MAX_LIFETIME.attestation } = options;
  if (!isAbsoluteUri(uri)) throw optionError("uri", "must be an absolute URI");
  const isStorage = [storage?.read, storage?.append, storage?.compact].every((each) => typeof each === "function");
  if (!isStorage) throw optionError("storage", "must have the functions read, append and compact");
  wholeNumber("ttl", ttl, 1, MAX_LIST_LIFETIME / 2);
  return Object.freeze({
    uri,
    issuer: issuerName("issuer", issuer),
    signer: storeOf(signer),
    storage,
    size: wholeNumber("size", size, LEAST_SIZE, MOST_SIZE),
    ttl,
    lifetime: wholeNumber("lifetime", options.lifetime ?? Math.max(3600, 2 * ttl), 2 * ttl, MAX_LIST_LIFETIME),
    maxLifetime: wholeNumber("maxLifetime", maxLifetime, 1, MAX_LIFETIME.attestation),
    clock: callable("clock", options.clock) ?? systemClock,
  });
}

function storeOf(signer: StatusListPublisherOptions["signer"]): { current(): Signer } {
  if (typeof (signer as { current?: unknown })?.current === "function") return signer as { current(): Signer };
  if (typeof (signer as Signer)?.sign !== "function")
    throw optionError("signer", "must have a sign or a current function");
  return { current: () => signer as Signer };
}

/** Whole Unix seconds. @throws AttestationError `ERR_CLOCK`. */
export function timeOf(clock: Clock): number {
  const now = Math.floor(clock());
  if (!Number.isSafeInteger(now)) throw new AttestationError("ERR_CLOCK", "The publisher's clock tells no time");
  return now;
}
