/** A call over these takes so little that the compilers of both processes are done only after some ten thousands. */
const MANY_WARM_UPS = 20;

/** Over HTTP the SDK itself is most of the cost: with no target. */
export const WAYS = [
  {
    wire: "stdio",
    inFlight: 1,
    warmUps: MANY_WARM_UPS,
    target: { must: 2, aim: 1.5 },
    byTickets: { must: 1.5, aim: 0.8 },
  },
  // The processes sleep less, and with that less of what it takes to wake them is in the figures.
  {
    wire: "stdio",
    inFlight: 16,
    warmUps: MANY_WARM_UPS,
    target: { must: 2, aim: 1.5 },
    byTickets: { must: 1, aim: 0.6 },
  },
  { wire: "memory", inFlight: 1, warmUps: MANY_WARM_UPS, target: {}, byTickets: { must: 0.8, aim: 0.35 } },
  { wire: "memory", inFlight: 16, warmUps: MANY_WARM_UPS, target: {}, byTickets: { must: 0.8, aim: 0.35 } },
  { wire: "HTTP", inFlight: 1, warmUps: 6, target: {}, byTickets: {} },
] as const;

/** A way from client to server, with what its rows must and should come to. */
export type Way = (typeof WAYS)[number];
