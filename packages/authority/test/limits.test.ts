import { describe, expect, it } from "vitest";
import { clientOf } from "../src/limits/client-address.ts";
import { MinuteCounter } from "../src/limits/minute-counter.ts";
import { Asking, aurora, OTHER_SECRET, SECRET } from "./asking.ts";

const wrong = (asking: Asking, i: number, address = "203.0.113.9") =>
  asking.post("attestations/challenge", {}, `wrong-secret-of-nobody-${i}`, {}, { address });

describe("a request", () => {
  it("too many are refused, with the time to wait, and another workload's are not (A4)", async () => {
    const asking = await Asking.start({ limits: { perWorkload: 3 } });
    for (let i = 0; i < 3; i++) expect((await asking.post("attestations/challenge", {})).status).toBe(200);
    const { status, headers } = await asking.post("attestations/challenge", {});
    expect(status).toBe(429);
    expect(Number(headers.get("retry-after"))).toBeGreaterThan(0);
    expect((await asking.post("attestations/challenge", { rule: "other" }, OTHER_SECRET)).status).toBe(200);
  });

  it("with wrong evidence is answered in full only so often to one client, for a minute (A4)", async () => {
    const asking = await Asking.start();
    for (let i = 0; i < 30; i++) expect((await wrong(asking, i)).status).toBe(403);
    expect((await wrong(asking, 30)).status).toBe(429);
    asking.now += 59;
    expect((await wrong(asking, 31)).status).toBe(429);
    asking.now += 1;
    expect((await wrong(asking, 32)).status).toBe(403);
    // Those beyond the limit are not written down: a flood fills no log.
    expect(asking.records).toHaveLength(31);
  });

  it("that is no request at all is counted and written down no more often (A4)", async () => {
    const asking = await Asking.start({ limits: { perAddress: 3 } });
    const strange: [string, string | object, string][] = [
      ["attestations/challenge", "{", SECRET],
      ["attestations", "x".repeat(20_000), SECRET],
      ["token", {}, SECRET],
    ];
    const statuses: number[] = [];
    for (let i = 0; i < 30; i++) {
      const [path, body, secret] = strange[i % 3] ?? ["", "", ""];
      statuses.push((await asking.post(path, body, secret)).status);
    }
    expect(statuses.slice(0, 4)).toEqual([400, 413, 400, 429]);
    expect(asking.records).toHaveLength(3);
    expect(asking.records.map(({ client }) => client)).toEqual(Array(3).fill("203.0.113.9"));
    expect((await asking.ask()).status).toBe(201);
  });

  it("that the authority could not judge is told so each time, and written down no more often (A4)", async () => {
    const down = { kind: "down", verify: () => Promise.reject(new Error("out of reach")) };
    const rules = [{ name: "a", evidence: "down", default: true, subject: "a", attest: { identity: aurora } }];
    const asking = await Asking.start({ limits: { perAddress: 3 }, evidence: { down }, rules });
    for (let i = 0; i < 10; i++) expect((await asking.post("attestations/challenge", {})).status).toBe(503);
    expect([asking.records.length, asking.reported.length]).toEqual([3, 3]);
  });

  it("with good evidence is served whatever others do at its address (A4)", async () => {
    const asking = await Asking.start();
    for (let i = 0; i < 100; i++) await wrong(asking, i);
    expect((await asking.ask()).status).toBe(201);
  });

  it("counts for its own address, and the addresses of one IPv6 network are one client (A4)", async () => {
    const asking = await Asking.start({ limits: { perAddress: 3 } });
    for (let i = 0; i < 3; i++) expect((await wrong(asking, i, `2001:db8:0:1::${i}`)).status).toBe(403);
    expect((await wrong(asking, 3, "2001:db8:0:1:ffff::1")).status).toBe(429);
    expect((await wrong(asking, 4, "2001:db8:0:2::1")).status).toBe(403);
  });

  it("without an address is one client with all others of that kind (A4)", async () => {
    const asking = await Asking.start({ limits: { perAddress: 1 } });
    const status = async () => (await asking.post("attestations/challenge", {}, "", {}, { address: undefined })).status;
    expect([await status(), await status()]).toEqual([401, 429]);
  });
});

it.each([
  ["203.0.113.9", "203.0.113.9"],
  ["203.0.113.9:4711", "203.0.113.9"],
  ["::ffff:203.0.113.9", "203.0.113.9"],
  ["::FFFF:cb00:7109", "203.0.113.9"],
  ["[::ffff:203.0.113.9]:4711", "203.0.113.9"],
  ["2001:db8:0:1::1", "2001:db8:0:1::/64"],
  ["2001:0DB8:0000:0001:ffff:ffff:ffff:ffff", "2001:db8:0:1::/64"],
  ["[2001:db8:0:1::1]:4711", "2001:db8:0:1::/64"],
  ['"[2001:db8:0:1::1]:4711"', "2001:db8:0:1::/64"],
  ["fe80::1%eth0", "fe80:0:0:0::/64"],
  ["::1", "0:0:0:0::/64"],
  ["::", "0:0:0:0::/64"],
  ["1:2:3:4:5:6:7:8", "1:2:3:4::/64"],
  ["::203.0.113.9", "0:0:0:0::/64"],
  ["203.0.113.999", "unknown"],
  ["2001:db8::1::2", "unknown"],
  ["for=203.0.113.9", "unknown"],
  ["", "unknown"],
  [undefined, "unknown"],
])("counts %s as the client %s (A4)", (address, client) => {
  expect(clientOf(address)).toBe(client);
});

describe("a counter", () => {
  const counterOf = (most: number, maxKeys: number) => {
    const time = { now: 1_800_000_000 };
    return { time, counter: new MinuteCounter({ most, maxKeys, clock: () => time.now }) };
  };

  it("allows so many in a minute, and says how long to wait", () => {
    const { time, counter } = counterOf(2, 10);
    expect([counter.count("a"), counter.count("a"), counter.count("a")]).toEqual([undefined, undefined, 60]);
    time.now += 59;
    expect([counter.count("a"), counter.count("b")]).toEqual([1, undefined]);
    time.now += 1;
    expect(counter.count("a")).toBeUndefined();
  });

  it("holds a bounded number of keys, and forgets those first whose minute ends first (A4)", () => {
    const { time, counter } = counterOf(1, 100);
    counter.count("first");
    time.now += 1;
    for (let i = 0; i < 99; i++) counter.count(`${i}`);
    expect([counter.size, counter.count("first")]).toEqual([100, 59]);
    for (let i = 0; i < 10_000; i++) counter.count(`stranger-${i}`);
    expect([counter.size, counter.count("first")]).toEqual([100, undefined]);
    time.now += 60;
    counter.count("last");
    expect(counter.size).toBe(1);
  });

  it("does not count on when its clock went back", () => {
    const { time, counter } = counterOf(1, 10);
    counter.count("a");
    time.now -= 86_400;
    expect(counter.count("a")).toBeUndefined();
    expect(counter.count("a")).toBe(60);
  });
});
