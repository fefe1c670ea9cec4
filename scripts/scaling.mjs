// What a fleet needs of Redis, computed from measured figures. The table in docs/scaling.md is its output, for the figures
// named there.
// Usage: node scripts/scaling.mjs [bench.json of `npm run bench -- bench.json`] [--bytes B] [--ops N] [--life S] [--processes N]
import { readFileSync } from "node:fs";
import { parseArgs } from "node:util";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    // Bytes of one entry, uses one primary answers in a second, seconds an entry lives, processes for every 1,000 uses/s.
    bytes: { type: "string", default: "137" },
    ops: { type: "string", default: "50000" },
    life: { type: "string", default: "96" },
    processes: { type: "string", default: "1" },
  },
});
if (positionals[0]) {
  const { rows } = JSON.parse(readFileSync(positionals[0], "utf8"));
  const worst = (beginning) =>
    Math.max(...rows.filter(({ path }) => path.startsWith(beginning)).map((row) => row.measured));
  values.bytes = String(Math.ceil(worst("Redis bytes per entry")));
  values.ops = String(Math.floor(1e6 / worst("Redis's own CPU time")));
}
const [bytes, ops, life, perThousand] = [values.bytes, values.ops, values.life, values.processes].map(Number);
if (![bytes, ops, life, perThousand].every((value) => value > 0)) {
  console.error("Each option must be a positive number");
  process.exit(2);
}

/** A primary is planned for half of what it can do: its replica's share of a failover, and room for bursts. */
const USED = 0.5;
/** Memory besides the entries: fragmentation, connections, replication buffers. */
const SPARE = 1.5;
/** What one command and its reply weigh on the wire: protocol, key, nonce, headers of TCP and IP at one command a packet. */
const REQUEST_BYTES = 100 + 52;
const REPLY_BYTES = 5 + 52;
/** Every process reads one marker of every primary this often, in a second. */
const MARKER_READS = 4;
/** With one of them in a second, it looks at the server's settings (`INFO memory`, `INFO stats`): about as much work as a use. */
const LOOKS = 1;
const LOOK_BYTES = 2800;

/** What one store needs to serve a rate; `undefined` if more processes share it than it can serve. */
function storeFor(rate) {
  const processes = Math.ceil((rate / 1000) * perThousand);
  // Uses are divided among the primaries; the marker reads and looks of every process come to each of them on top.
  const room = ops * USED - processes * (MARKER_READS + LOOKS);
  if (room <= 0) return undefined;
  const primaries = Math.ceil(rate / room);
  const connections = processes * primaries;
  const markers = connections * MARKER_READS;
  return { rate, entries: rate * life, primaries, connections, markers, overhead: markers / (markers + rate) };
}

console.log(
  "| uses/s | stores | each: live entries | memory | primaries | connections | network, in + out | marker reads |",
);
console.log("|---|---|---|---|---|---|---|---|");
for (const total of [1e3, 1e5, 1e7]) {
  // As few stores as keep the reading of markers below a tenth of all commands.
  let stores = 1;
  while (!(storeFor(total / stores)?.overhead <= 0.1)) stores++;
  const { rate, entries, primaries, connections, markers, overhead } = storeFor(total / stores);
  const cells = [
    count(total),
    stores,
    count(entries),
    size(entries * bytes * SPARE),
    count(primaries),
    count(connections),
    bits(rate * (REQUEST_BYTES + REPLY_BYTES) + connections * LOOKS * LOOK_BYTES),
    `${count(markers)}/s, ${(100 * overhead).toFixed(1)} %`,
  ];
  console.log(`| ${cells.join(" | ")} |`);
}
console.log(
  `\nFrom ${bytes} bytes an entry × ${SPARE}, ${ops} uses/s a primary planned at ${USED * 100} %, ` +
    `${life} s of life, ${perThousand} process(es) for every 1,000 uses/s.`,
);

function count(value) {
  return Math.round(value).toLocaleString("en");
}

function size(amount) {
  return amount >= 1e9 ? `${(amount / 1e9).toFixed(1)} GB` : `${Math.round(amount / 1e6)} MB`;
}

function bits(bytesPerSecond) {
  const rate = bytesPerSecond * 8;
  return rate >= 1e9 ? `${(rate / 1e9).toFixed(1)} Gbit/s` : `${(rate / 1e6).toFixed(1)} Mbit/s`;
}
