import { readAgreementKey } from "./agreement-key.ts";

/** A ticket as a server grants it, with the members of the wire (SPEC §19). */
export interface TicketGrant {
  /** 64–512 characters of `A-Za-z0-9_-`, opaque to the agent. */
  readonly ticket: string;
  /** The server's X25519 public key of this grant, base64url. */
  readonly epk: string;
  /** Seconds, from 30 to 3600. */
  readonly expires_in: number;
}

const TICKET = /^[A-Za-z0-9_-]{64,512}$/;

/** Reads a grant in the `_meta` of a result. @returns `undefined` for anything that is not exactly one. */
export function readTicketGrant(value: unknown): TicketGrant | undefined {
  if (typeof value !== "object" || value === null || Object.keys(value).sort().join() !== "epk,expires_in,ticket") {
    return undefined;
  }
  const { ticket, epk, expires_in } = value as Partial<Record<keyof TicketGrant, unknown>>;
  const valid =
    typeof ticket === "string" &&
    TICKET.test(ticket) &&
    readAgreementKey(epk) !== undefined &&
    Number.isInteger(expires_in) &&
    (expires_in as number) >= 30 &&
    (expires_in as number) <= 3600;
  return valid ? { ticket, epk: epk as string, expires_in: expires_in as number } : undefined;
}

/** A grant as the field `HTTP_FIELDS.ticket` has it: a dictionary (RFC 9651 §3.2). */
export function writeTicketField({ ticket, epk, expires_in }: TicketGrant): string {
  return `ticket="${ticket}", epk="${epk}", expires_in=${expires_in}`;
}

/** One member: a String without escapes, or an Integer, and no parameter. */
const MEMBER = /^([a-z][a-z_]{0,15})=(?:"([A-Za-z0-9_-]*)"|(-?[0-9]{1,15}))$/;
const MAX_FIELD = 1024;

/**
 * Reads a grant in the field `HTTP_FIELDS.ticket`, whatever the order of its members.
 *
 * @returns `undefined` for anything that is not exactly one: another member, one that is there twice, a parameter.
 */
export function readTicketField(field: string | null): TicketGrant | undefined {
  if (field === null || field.length > MAX_FIELD) return undefined;
  const members: Record<string, unknown> = {};
  for (const text of field.replace(/^ +| +$/g, "").split(/[ \t]*,[ \t]*/)) {
    const [, name, string, integer] = MEMBER.exec(text) ?? [];
    if (name === undefined || Object.hasOwn(members, name)) return undefined;
    members[name] = integer === undefined ? string : Number(integer);
  }
  return readTicketGrant(members);
}
