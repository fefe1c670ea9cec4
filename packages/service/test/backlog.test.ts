import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { listen } from "@attest/service";
import { expect, it, onTestFinished } from "vitest";

const CLIENTS = 1000;
const LIMIT = "/proc/sys/net/core/somaxconn";
const systemAllows = existsSync(LIMIT) && Number(readFileSync(LIMIT, "utf8")) >= CLIENTS;

/** Opens connections, and says how many of them were opened: all, or those after which nothing came any more. */
const OPENING = `
  const { connect } = require("node:net");
  const [port, count] = process.argv.slice(1).map(Number);
  let open = 0;
  const say = () => { console.log(open); process.exit(); };
  setTimeout(say, 20_000);
  for (let i = 0; i < count; i++) connect(port, "127.0.0.1", () => { if (++open === count) say(); });
`;

it.skipIf(!systemAllows)(
  "clients that connect at once while the server works are all let wait, and none is dropped",
  async () => {
    const server = await listen((_req, res) => void res.end(), { host: "127.0.0.1", port: 0 });
    onTestFinished(() => server.close(0));
    // This process accepts nothing until the other one has ended.
    const { stdout } = spawnSync(process.execPath, ["-e", OPENING, server.url.port, `${CLIENTS}`], {
      encoding: "utf8",
    });
    expect(Number(stdout)).toBe(CLIENTS);
  },
  30_000,
);
