import {
  type AbsentResult,
  type AttestationContext,
  type AttestationError,
  META_PREFIX,
  type Observer,
  type UnassessedResult,
} from "@attest/core";
import { isObject } from "./json-rpc.ts";

/** Where in `_meta` the guard puts what it found out. Only objects that it made itself are believed there (M3). */
const BRAND_KEY = `${META_PREFIX}context`;

/** What the guard knows of a message that it let through. */
export type Finding = AttestationContext | AbsentResult | UnassessedResult;

/** One message on its way through a server. */
export interface Exchange {
  readonly finding: Finding;
  /** The message's method; absent for a response. */
  readonly method: string | undefined;
  /** Whether it came in the stateless form of MCP 2026-07-28. */
  readonly stateless: boolean;
  /** Whose word it is: another guard's is not believed. */
  readonly guard: object;
  /** Set when it is delivered: a brand stands for one message, once (M9). */
  delivered?: boolean;
  /** Told of what handlers demand. */
  readonly observer: Observer | undefined;
  /** A handler's refusal, which the answer must become: SDKs turn what a tool throws into a text (M8). */
  refusal?: AttestationError;
}

/** Every brand made in this process; nothing on the wire can be in it. */
const exchanges = new WeakMap<object, Exchange>();

/** A copy of a message's `params` or `result` that carries a new brand, and no other key of ours, in its `_meta`. */
export function brand(body: unknown, exchange: Exchange): Record<string, unknown> {
  const mark = Object.freeze({ ...exchange.finding });
  exchanges.set(mark, exchange);
  return withMeta(body, { [BRAND_KEY]: mark });
}

/** A copy of a message's `params` or `result` without any key of ours in its `_meta`. */
export function strip(body: unknown): Record<string, unknown> {
  return withMeta(body, {});
}

/** The exchange whose brand a `_meta` carries, if the guard made it. */
export function exchangeOf(meta: unknown): Exchange | undefined {
  const mark = markOf(meta);
  return mark && exchanges.get(mark);
}

/** The verified agent whose brand a `_meta` carries. */
export function contextOf(meta: unknown): AttestationContext | undefined {
  const mark = markOf(meta);
  return mark && exchanges.get(mark)?.finding.verified ? (mark as AttestationContext) : undefined;
}

function markOf(meta: unknown): object | undefined {
  const mark = isObject(meta) && Object.hasOwn(meta, BRAND_KEY) ? meta[BRAND_KEY] : undefined;
  return isObject(mark) ? mark : undefined;
}

function withMeta(body: unknown, added: Record<string, unknown>): Record<string, unknown> {
  const { _meta, ...rest } = isObject(body) ? body : {};
  const kept = Object.entries(isObject(_meta) ? _meta : {}).filter(([name]) => !name.startsWith(META_PREFIX));
  // Object.fromEntries defines members, so that `__proto__` stays a name.
  return { ...rest, _meta: { ...Object.fromEntries(kept), ...added } };
}
