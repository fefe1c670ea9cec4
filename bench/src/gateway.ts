import { setTimeout as sleep } from "node:timers/promises";
import { type Forwarder, GatewayFleet } from "./gateway-fleet.ts";
import type { ProvedBy } from "./gateway-load-process.ts";
import { type Cost, median } from "./measure.ts";
import type { Row } from "./row.ts";

/** As many as the compiler needs for all that a gateway runs: with half of them, calls cost a third more. */
const WARM_UPS = 6;
const ROUNDS = 9;
/** Calls of a round: as many as show the cost of one, and as are made in a moment. */
const COUNT = 800;
const COUNT_ALONE = 300;
const IN_FLIGHT = 16;
const STREAMS = 1000;
/** Streams that are opened and closed before memory is looked at: what the first ones need is no stream's. */
const STREAMS_BEFORE = 200;
const MEMORY_ROUNDS = 3;
const MEBIBYTE = 1024 * 1024;
/** Milliseconds in which nothing must have been taken for a stream to count as stopped. */
const STOPPED_MS = 400;

interface Way {
  readonly name: string;
  readonly by: ProvedBy;
  readonly forwarder: Forwarder;
}

/** What one way cost in each round: microseconds for a call, and milliseconds of calls one at a time. */
interface Samples {
  readonly cpu: number[];
  readonly wall: number[];
  readonly p50: number[];
  readonly p99: number[];
}

/**
 * What `attest gateway` costs in the place of a reverse proxy that only pipes, before the same server. CPU time and memory are those
 * of the process between alone, on two cores for all four; agents make their requests beforehand. The plain proxy's carry no credentials.
 */
export async function measureGateway(): Promise<{ costs: Cost[]; rows: Row[] }> {
  const fleet = await GatewayFleet.start();
  try {
    const { costs, rows } = await measureCallsThrough(fleet);
    return { costs, rows: [...rows, ...(await measureStreamsThrough(fleet))] };
  } finally {
    await fleet.end();
  }
}

async function measureCallsThrough(fleet: GatewayFleet): Promise<{ costs: Cost[]; rows: Row[] }> {
  const [plain, gateway] = [await fleet.forwarder("plain"), await fleet.forwarder("gateway")];
  const ways: Way[] = [
    { name: "a plain reverse proxy", by: "nothing", forwarder: plain },
    { name: "the gateway, signed proof, assertion", by: "signatures", forwarder: gateway },
    { name: "the gateway, MAC proof, assertion", by: "tickets", forwarder: gateway },
  ];
  const samples = ways.map((): Samples => ({ cpu: [], wall: [], p50: [], p99: [] }));
  for (let round = -WARM_UPS; round < ROUNDS; round++) {
    for (let i = 0; i < ways.length; i++) {
      const index = (i + round + WARM_UPS) % ways.length;
      const sample = await measureRound(fleet, ways[index] as Way);
      if (round < 0) continue;
      const all = samples[index] as Samples;
      for (const name of ["cpu", "wall", "p50", "p99"] as const) all[name].push(sample[name]);
    }
  }
  await plain.end();
  await gateway.end();
  const [base, signed, byTickets] = samples as [Samples, Samples, Samples];
  const ratio = (of: readonly number[], to: readonly number[]) => median(of.map((value, i) => value / (to[i] ?? 0)));
  const added = (name: "p50" | "p99", { [name]: of }: Samples) =>
    median(of.map((value, i) => value - (base[name][i] ?? Number.NaN)));
  const costs = ways.map(({ name }, i): Cost => {
    const { cpu, wall } = samples[i] as Samples;
    return {
      name: `a call through ${name}, ${IN_FLIGHT} in flight (this process alone)`,
      cpu: median(cpu),
      wall: median(wall),
      cpuRatio: ratio(base.cpu, cpu),
      wallRatio: ratio(base.wall, wall),
    };
  });
  const smaller = { better: "smaller" } as const;
  const rows: Row[] = [
    {
      path: "gateway, signed proof + assertion ÷ plain proxy (CPU)",
      unit: "ratio",
      measured: ratio(signed.cpu, base.cpu),
      must: 3.5,
      aim: 2.5,
      ...smaller,
    },
    {
      path: "gateway, MAC proof + assertion ÷ plain proxy (CPU)",
      unit: "ratio",
      measured: ratio(byTickets.cpu, base.cpu),
      must: 2.6,
      aim: 1.8,
      ...smaller,
    },
    {
      path: `gateway ÷ plain proxy, calls a second, ${IN_FLIGHT} in flight`,
      unit: "ratio",
      measured: ratio(base.wall, signed.wall),
      must: 0.35,
      aim: 0.55,
      better: "greater",
    },
    {
      path: "gateway − plain proxy, p50, one in flight",
      unit: "ms",
      measured: added("p50", signed),
      must: 0.6,
      aim: 0.3,
      ...smaller,
    },
    { path: "gateway − plain proxy, p99, one in flight", unit: "ms", measured: added("p99", signed), ...smaller },
  ];
  return { costs, rows };
}

async function measureRound(fleet: GatewayFleet, { forwarder, by }: Way): Promise<Record<keyof Samples, number>> {
  const { endpoint } = forwarder;
  const sent = async (count: number, inFlight: number) => {
    await fleet.agents({ what: "make", endpoint, by, count });
    const before = await forwarder.ask("cpu");
    const { wall, took } = await fleet.agents<{ wall: number; took: number[] }>({ what: "send", endpoint, inFlight });
    const cpu = (await forwarder.ask("cpu")) - before;
    return { cpu: cpu / count, wall: (wall * 1000) / count, took: took.sort((a, b) => a - b) };
  };
  const { cpu, wall } = await sent(COUNT, IN_FLIGHT);
  const { took } = await sent(COUNT_ALONE, 1);
  return { cpu, wall, p50: median(took), p99: took[Math.floor(took.length * 0.99)] ?? Number.NaN };
}

async function measureStreamsThrough(fleet: GatewayFleet): Promise<Row[]> {
  const ratios: number[] = [];
  const taken: number[] = [];
  for (let round = 0; round < MEMORY_ROUNDS; round++) {
    const plain = await fleet.forwarder("plain");
    const gateway = await fleet.forwarder("gateway");
    ratios.push((await bytesOfStream(fleet, gateway, "signatures")) / (await bytesOfStream(fleet, plain, "nothing")));
    taken.push(await bytesTaken(fleet, gateway));
    await plain.end();
    await gateway.end();
  }
  return [
    {
      path: `memory of one of ${STREAMS} open streams, gateway ÷ plain proxy`,
      unit: "ratio",
      measured: median(ratios),
      must: 1.5,
      aim: 1.1,
      better: "smaller",
    },
    {
      path: "taken from the server for a reader that has stopped",
      unit: "MiB",
      measured: median(taken) / MEBIBYTE,
      must: 4,
      aim: 1,
      better: "smaller",
    },
  ];
}

/** Bytes by which a process grew for each stream that is open. */
async function bytesOfStream(fleet: GatewayFleet, { endpoint, ask }: Forwarder, by: ProvedBy): Promise<number> {
  await fleet.agents({ what: "open", endpoint, by, count: STREAMS_BEFORE });
  await fleet.agents({ what: "close" });
  const before = await ask("memory");
  await fleet.agents({ what: "open", endpoint, by, count: STREAMS });
  const grown = (await ask("memory")) - before;
  await fleet.agents({ what: "close" });
  return grown / STREAMS;
}

/** Bytes that the gateway has read of a stream without end when it reads no more, since its reader does not. */
async function bytesTaken(fleet: GatewayFleet, { endpoint, ask }: Forwarder): Promise<number> {
  const before = await ask("taken");
  await fleet.agents({ what: "open", endpoint, by: "signatures", count: 1, stopped: true });
  let taken = -1;
  for (let next = await ask("taken"); next !== taken; next = await ask("taken")) {
    taken = next;
    await sleep(STOPPED_MS);
  }
  await fleet.agents({ what: "close" });
  return taken - before;
}
