/** Each is measured in a process of its own, as a client has one. Over HTTP the SDK itself is most of the cost: with no target. */
export const WAYS = [
  { wire: "stdio", inFlight: 1, target: { must: 2, aim: 1.5 }, byTickets: { must: 1.5, aim: 0.8 } },
  // The processes sleep less, and with that less of what it takes to wake them is in the figures.
  { wire: "stdio", inFlight: 16, target: { must: 2, aim: 1.5 }, byTickets: { must: 1, aim: 0.6 } },
  { wire: "memory", inFlight: 1, target: {}, byTickets: { must: 0.8, aim: 0.35 } },
  { wire: "memory", inFlight: 16, target: {}, byTickets: { must: 0.8, aim: 0.35 } },
  { wire: "HTTP", inFlight: 1, target: {}, byTickets: {} },
] as const;

/** A way from client to server, with what its rows must and should come to. */
export type Way = (typeof WAYS)[number];
