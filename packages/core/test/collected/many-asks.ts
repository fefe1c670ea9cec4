// Asks for many tickets, one after another, and says how many.
import { TicketAsk } from "@attest/core";

const ASKS = 40_000;
for (let i = 0; i < ASKS; i++) (await TicketAsk.begin()).end();
process.stdout.write(`${ASKS}\n`);
