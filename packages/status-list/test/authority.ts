import { InMemoryKeyResolver, KeyPair } from "@attest/core";
import { afterEach, beforeEach, vi } from "vitest";
import {
  MemoryStatusStorage,
  readStatusListToken,
  StatusListPublisher,
  type StatusListPublisherOptions,
} from "../src/index.ts";
import { ISSUER, NOW, URI } from "./signed-lists.ts";

export const signer = await KeyPair.generate({ kid: "a" });
export const keyResolver = new InMemoryKeyResolver();
await keyResolver.addKey(ISSUER, signer.toJwk());

export const SIZE = 2 ** 17;
/** The longest that an attestation may be valid, and a verifier's clock be behind. */
export const LONGEST = 3600 + 360;

export function keyNamed(name: string | number): string {
  return String(name).padStart(43, "k");
}

/** Publishers on one storage, with their time in the test's hand. */
export function authority(options: Partial<StatusListPublisherOptions> = {}) {
  const time = { now: NOW };
  const common = { uri: URI, issuer: ISSUER, signer, storage: new MemoryStatusStorage(), size: SIZE };
  const open = () => StatusListPublisher.open({ ...common, clock: () => time.now, ...options });
  /** The list as a verifier reads it. */
  const listBy = async (publisher: StatusListPublisher) => {
    const body = new TextEncoder().encode(await publisher.token());
    return readStatusListToken(body, { issuer: ISSUER, uri: URI, keyResolver, now: time.now, clockTolerance: 0 });
  };
  const isRevokedBy = async (publisher: StatusListPublisher, idx: number) =>
    (await listBy(publisher)).list.get(idx) === 1;
  return { open, time, listBy, isRevokedBy, storage: common.storage };
}

/**
 * Puts the stopwatch into the hand of a file's tests.
 *
 * @returns Lets so much time pass as a publisher may be behind others.
 */
export function passingPublishDelay(): () => void {
  let passed = 0;
  beforeEach(() => {
    const now = performance.now.bind(performance);
    vi.spyOn(performance, "now").mockImplementation(() => now() + passed);
  });
  afterEach(() => vi.restoreAllMocks());
  return () => {
    passed += 1000;
  };
}

export function codeOf(work: Promise<unknown>): Promise<string> {
  return work.then(
    () => "done",
    ({ code }) => code,
  );
}
