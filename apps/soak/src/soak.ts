import { setTimeout as sleep } from "node:timers/promises";
import type { Fault } from "./faults.ts";
import { Fleet } from "./fleet.ts";
import { type Incident, Ledger } from "./ledger.ts";
import type { RedisAddress } from "./messages.ts";
import { setupFor, Traffic } from "./traffic.ts";

export interface SoakReport {
  readonly seconds: number;
  readonly ledger: Ledger;
  /** Calls that MACs proved, and tickets that were refused. */
  readonly macs: number;
  readonly fallbacks: number;
}

/** First presentations under way at any time. */
const IN_FLIGHT = 32;
const AGENTS = 25;
/** Honest uses must have been accepted for this long before the next fault. */
const CALM_MS = 600;
const RECOVERY_LIMIT_MS = 30_000;

/**
 * Presents every proof to all processes at once, and old ones again and again, while faults are inflicted one after
 * another until the time is up; each at least once.
 */
export async function soak(options: {
  redis: RedisAddress;
  program: string;
  processes: number;
  seconds: number;
  faults(fleet: Fleet): Fault[];
  onIncident?(incident: Incident): void;
}): Promise<SoakReport> {
  const { redis, program, processes, seconds, onIncident } = options;
  const { setup, provider } = await setupFor(redis);
  const ledger = new Ledger();
  const traffic = await Traffic.of(provider, AGENTS);
  let going = true;
  let inFlight = 0;
  const fleet = await Fleet.start({
    program,
    processes,
    setup,
    onMessage(message, worker) {
      if (message.type === "answers") {
        for (const answer of message.answers) {
          const isOver = ledger.answer(answer.id, answer.code, answer.at);
          void traffic.take(answer, isOver);
          if (!isOver) continue;
          inFlight--;
          void refill();
        }
      } else if (message.type === "state" && message.state === "state-lost") {
        const incident = ledger.incidents.at(-1);
        if (!incident?.fault.loses) return;
        incident.noticedBy.add(worker);
        incident.noticed = message.at;
      }
    },
  });

  async function refill(): Promise<void> {
    while (going && inFlight < IN_FLIGHT) {
      inFlight++;
      const presentation = await traffic.next();
      ledger.open(presentation, processes);
      for (let worker = 0; worker < processes; worker++) fleet.present(worker, presentation);
      const old = ledger.someOld();
      if (old) fleet.present(Math.floor(Math.random() * processes), old);
    }
  }

  const begun = Date.now();
  try {
    await refill();
    const faults = options.faults(fleet);
    for (let i = 0; i < faults.length || Date.now() - begun < seconds * 1000; i++) {
      while (!ledger.isCalm(CALM_MS)) await sleep(20);
      const incident = begin(faults[i % faults.length] as Fault);
      await incident.fault.inflict();
      incident.ended = Date.now();
      await recovery(incident);
      ledger.close(incident);
      onIncident?.(incident);
    }
  } finally {
    going = false;
    await fleet.stop();
  }
  const { macs, fallbacks } = traffic;
  return { seconds: (Date.now() - begun) / 1000, ledger, macs, fallbacks };

  function begin(fault: Fault): Incident {
    const now = Date.now();
    const incident: Incident = {
      fault,
      begun: now,
      ended: now,
      noticedBy: new Set(),
      noticed: undefined,
      recovered: undefined,
      honestRefusals: 0,
      replaysAccepted: 0,
    };
    ledger.incidents.push(incident);
    return incident;
  }

  async function recovery(incident: Incident): Promise<void> {
    const limit = Date.now() + RECOVERY_LIMIT_MS;
    while (Date.now() < limit) {
      await sleep(50);
      // A loss that not everybody has noticed yet is not behind us, nor is a quarantine that has only begun.
      const { fault, noticedBy, noticed = 0 } = incident;
      const pending = fault.loses && (noticedBy.size < processes || Date.now() - noticed < CALM_MS);
      if (!pending && ledger.isCalm(CALM_MS)) {
        incident.recovered = Math.max(ledger.lastRefusal, incident.ended);
        return;
      }
    }
  }
}
