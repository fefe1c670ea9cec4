import { optionError } from "../errors.ts";
import { type OptionNames, refuseUnknownOptions, wholeSeconds } from "../options.ts";
import type { ReplayCache } from "../replay/replay-cache.ts";
import { Tickets } from "../tickets/tickets.ts";
import type { TicketOptions, VerifierOptions } from "../trust/verifier-options.ts";

const OPTIONS: OptionNames<TicketOptions> = { lifetime: true, ring: true };
const DEFAULT_LIFETIME = 300;
const MAX_SECRETS = 8;
const LEAST_BYTES = 32;

/**
 * What grants tickets by these options; `undefined` where nothing does.
 *
 * @throws AttestationError `ERR_OPTION`, naming the option.
 */
export function configureTickets(
  { tickets = {}, instances }: Pick<VerifierOptions, "tickets" | "instances">,
  { scope }: ReplayCache,
  audiences: readonly string[],
): Tickets | undefined {
  if (tickets === false) return undefined;
  if (typeof tickets !== "object" || tickets === null) throw optionError("tickets", "must be false or an object");
  refuseUnknownOptions(tickets, OPTIONS, "tickets");
  const lifetime = wholeSeconds("tickets.lifetime", tickets.lifetime ?? DEFAULT_LIFETIME, 30, 3600);
  const ring = ringOf(tickets.ring, scope);
  // Each instance would refuse what the others granted.
  if (!ring && instances === "multiple") return undefined;
  return new Tickets(lifetime, ring ?? [crypto.getRandomValues(new Uint8Array(LEAST_BYTES))], audiences);
}

function ringOf(
  ring: TicketOptions["ring"],
  scope: ReplayCache["scope"],
): readonly [Uint8Array, ...Uint8Array[]] | undefined {
  if (ring === undefined) return undefined;
  const isSecret = (secret: unknown) => secret instanceof Uint8Array && secret.length >= LEAST_BYTES;
  if (!Array.isArray(ring) || ring.length === 0 || ring.length > MAX_SECRETS || !ring.every(isSecret)) {
    throw optionError(
      "tickets.ring",
      `must be 1–${MAX_SECRETS} secrets of at least ${LEAST_BYTES} bytes; \`attest ticket-ring new\` makes one`,
    );
  }
  const [first, ...rest] = ring.map((secret) => secret.slice());
  if (new Set(ring.map((secret) => secret.join())).size < ring.length) {
    throw optionError("tickets.ring", "must not hold one secret twice");
  }
  if (scope !== "shared") {
    throw optionError(
      "tickets.ring",
      "needs a replay cache that is shared between the instances, or each accepts a replay once. Use RedisReplayCache of " +
        "@attest/cache-redis; a single instance needs no ring",
    );
  }
  return [first as Uint8Array, ...rest];
}
