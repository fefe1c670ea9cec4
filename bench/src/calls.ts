import { AskedProcess } from "./asked-process.ts";
import type { CallQuestion } from "./call-process.ts";
import type { Material } from "./material.ts";
import { type Cost, compare, type Variant } from "./measure.ts";
import type { Row } from "./row.ts";
import type { Way } from "./ways.ts";

/** What is compared: nothing, a signature for each message, MACs under tickets. */
const ATTESTED = ["plain", "signatures", "tickets"] as const;

/** What a call of a tool costs client and server together over one of `WAYS`, plain, and attested by signatures and by tickets. */
export async function measureCalls(material: Material, way: Way): Promise<{ costs: Cost[]; rows: Row[] }> {
  const { rawVerification, rawSigning } = material;
  const calls = await Promise.all(ATTESTED.map((attested) => callsOver(way, attested)));
  const measured = await compare([rawVerification, rawSigning, ...calls], way);
  for (const call of calls) await call.end();
  const [verifying = 0, signing = 0, plain = 0, attested = 0, byTickets = 0] = measured.map(({ cpu }) => cpu);
  return {
    costs: measured.slice(2),
    rows: [
      {
        path: `${way.wire} client + server, ${way.inFlight} in flight, attested vs not: extra CPU per call`,
        unit: "raw verifies",
        measured: (attested - plain) / verifying,
        better: "smaller",
        limit: (verifying + signing) / verifying,
        ...way.target,
      },
      {
        path: `the same by tickets: extra CPU per call`,
        unit: "raw verifies",
        measured: (byTickets - plain) / verifying,
        better: "smaller",
        ...way.byTickets,
      },
      {
        path: `extra of tickets ÷ extra of signatures, ${way.wire}, ${way.inFlight} in flight`,
        unit: "ratio",
        measured: (byTickets - plain) / (attested - plain),
        better: "smaller",
        must: 0.35,
        aim: 0.25,
      },
    ],
  };
}

/**
 * A client that is of one kind as long as it lives, as clients are. In one process with the others, its compiled code would have to
 * serve all of them, and each would pay for the garbage of the one before.
 */
async function callsOver(
  { wire, inFlight }: Way,
  attested: (typeof ATTESTED)[number],
): Promise<Variant & { end(): Promise<void> }> {
  const [client] = await AskedProcess.start("call-process", wire, String(inFlight), attested);
  const ask = (question: CallQuestion) => client.ask<number>(question);
  const how = attested === "plain" ? attested : `by ${attested}`;
  return {
    name: `a call over ${wire}, ${inFlight} in flight, ${how} (client + server)`,
    async run(count) {
      await ask({ call: count });
    },
    elsewhere: () => ask({ cpu: true }),
    end: () => client.end(),
  };
}
