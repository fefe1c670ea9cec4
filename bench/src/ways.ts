/** A call over these takes so little that the compilers of both processes are done only after some ten thousands. */
const MANY = { count: 1600, rounds: 9, warmUps: 20 };

/**
 * What tickets add is a tenth or two of such a call: what the machine has to do besides must come to all of them alike, so they take turns
 * more often.
 */
const OFTEN = { count: 320, rounds: 45, warmUps: 45 };

/** Over HTTP the SDK itself is most of the cost: with no target. */
export const WAYS = [
  {
    wire: "stdio",
    inFlight: 1,
    ...MANY,
    target: { must: 2, aim: 1.5 },
    byTickets: { must: 1.5, aim: 0.8 },
  },
  // The processes sleep less, and with that less of what it takes to wake them is in the figures.
  {
    wire: "stdio",
    inFlight: 16,
    ...MANY,
    target: { must: 2, aim: 1.5 },
    byTickets: { must: 1, aim: 0.6 },
  },
  { wire: "memory", inFlight: 1, ...MANY, target: {}, byTickets: { must: 0.8, aim: 0.35 } },
  { wire: "memory", inFlight: 16, ...MANY, target: {}, byTickets: { must: 0.8, aim: 0.35 } },
  { wire: "HTTP", inFlight: 1, ...OFTEN, target: {}, byTickets: {} },
] as const;

/** A way from client to server, with what its rows must and should come to. */
export type Way = (typeof WAYS)[number];
