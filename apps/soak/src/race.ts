import { randomBytes } from "node:crypto";
import { Fleet } from "./fleet.ts";
import type { RedisAddress } from "./messages.ts";
import { setupFor } from "./traffic.ts";

export interface RaceReport {
  readonly rounds: number;
  readonly presenters: number;
  readonly processes: number;
  /** Rounds in which exactly one presenter of all processes was accepted and every other one notified of a repetition. */
  readonly exact: number;
  readonly seconds: number;
}

/** Rounds begun before the one before them has ended: the processes must not wait for each other's stragglers. */
const AHEAD = 4;

/** In every round all presenters of all processes use one key at once. */
export async function race(options: {
  redis: RedisAddress;
  program: string;
  rounds: number;
  presenters: number;
  processes: number;
}): Promise<RaceReport> {
  const { redis, program, rounds, presenters, processes } = options;
  const { setup } = await setupFor(redis);
  const open = new Map<number, { answered: number; accepted: number; repeated: number }>();
  const begun = performance.now();
  let next = 0;
  let exact = 0;
  let ended = 0;
  let finish: () => void = () => {};
  const finished = new Promise<void>((resolve) => {
    finish = resolve;
  });
  const begin = () => {
    if (next === rounds) return;
    open.set(next, { answered: 0, accepted: 0, repeated: 0 });
    fleet.tellAll({ type: "race", round: next++, key: randomBytes(16).toString("base64url"), presenters });
  };
  const fleet = await Fleet.start({
    program,
    processes,
    // Who is accepted is the question here, not how soon: on a busy machine many hundreds at once take their time.
    setup: { ...setup, commandTimeoutMs: 5000 },
    onMessage(message) {
      if (message.type !== "raced") return;
      const round = open.get(message.round);
      if (!round) return;
      round.accepted += message.accepted;
      round.repeated += message.repeated;
      if (++round.answered < processes) return;
      open.delete(message.round);
      if (round.accepted === 1 && round.repeated === processes * presenters - 1) exact++;
      if (++ended === rounds) finish();
      else begin();
    },
  });
  try {
    for (let i = 0; i < AHEAD; i++) begin();
    await finished;
  } finally {
    await fleet.stop();
  }
  return { rounds, presenters, processes, exact, seconds: (performance.now() - begun) / 1000 };
}
