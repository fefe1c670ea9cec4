import { createHash } from "node:crypto";
import { type AttestationEvent, notify } from "@attest/core";
import { type AuditHead, createAuditLog, readAuditLine, verifyAuditLog } from "@attest/observability";
import { beforeEach, describe, expect, it } from "vitest";
import { EVENTS } from "./events.ts";

const DECISIONS = EVENTS.filter(({ type }) =>
  ["verification", "guard", "demand", "ticket", "issuance", "key-rotation"].includes(type),
);

let now: number;
let lines: string[];
let head: AuditHead;
beforeEach(() => {
  now = 1_800_000_000.25;
  lines = [];
  const log = createAuditLog({ write: (line) => lines.push(line), clock: () => now++ });
  for (const event of EVENTS) log.onEvent?.(event);
  head = log.head();
});

/** The line as who knows the scheme, but cannot touch what follows, would forge it. */
function rehashed(line: string, change: (entry: Record<string, unknown>) => void): string {
  const { hash: _, ...entry } = JSON.parse(line);
  change(entry);
  const body = JSON.stringify(entry);
  return `${body.slice(0, -1)},"hash":"${createHash("sha256").update(body).digest("base64url")}"}`;
}

describe("an audit log", () => {
  it("has one line of JSON for each decision, by its schema, and none for anything else", () => {
    expect(lines).toHaveLength(DECISIONS.length);
    const entries = lines.map((line) => JSON.parse(line));
    expect(entries.map(({ event }) => event)).toEqual(DECISIONS);
    entries.forEach((entry, seq) => {
      expect(Object.keys(entry)).toEqual(["v", "seq", "time", "event", "prev", "hash"]);
      expect(entry).toMatchObject({ v: 1, seq, time: 1_800_000_000.25 + seq });
      expect(entry.prev).toBe(seq === 0 ? "A".repeat(43) : entries[seq - 1].hash);
    });
    expect(head).toEqual({ entries: lines.length, head: entries.at(-1).hash });
  });

  it("keeps of an event only what its schema names, and every line on one line (O1)", () => {
    const written: string[] = [];
    const log = createAuditLog({ write: (line) => written.push(line) });
    const event = {
      ...EVENTS.find(({ type }) => type === "guard"),
      method: 'x\n{"v":1}\u2028',
      token: "secret",
      toJSON: () => "secret",
    };
    log.onEvent?.(event as AttestationEvent);
    expect(written.join()).not.toMatch(/secret|[\n\u2028]/);
    expect(JSON.parse(written[0] ?? "").event.method).toBe('x\n{"v":1}\u2028');
  });

  it("says of a message that would have been refused who sent it, for what, and why", () => {
    const reported = lines
      .map((line) => JSON.parse(line).event)
      .find(({ enforced, code }) => enforced === false && code);
    expect(reported).toEqual({
      type: "guard",
      action: "forward",
      enforced: false,
      carrier: "in-band",
      method: "tools/call",
      target: "transfer",
      client: "Old client",
      reason: "attestation_proof_invalid",
      code: "ERR_PROOF_DIGEST",
    });
  });

  it("writes before the event returns to whom it came from", () => {
    let written = 0;
    createAuditLog({ write: () => written++ }).onEvent?.(EVENTS[0] as AttestationEvent);
    expect(written).toBe(1);
  });

  it("writes down that its clock told no time", () => {
    for (const clock of [
      () => Number.NaN,
      () => {
        throw new Error("stopped");
      },
    ]) {
      const written: string[] = [];
      createAuditLog({ write: (line) => written.push(line), clock }).onEvent?.(EVENTS[0] as AttestationEvent);
      expect(JSON.parse(written[0] ?? "").time).toBeNull();
    }
  });

  it("goes on after a restart where it was", async () => {
    const verdict = await verifyAuditLog(lines);
    if (!verdict.valid) throw new Error(verdict.problem);
    const log = createAuditLog({ write: (line) => lines.push(line), after: verdict });
    log.onEvent?.(EVENTS[0] as AttestationEvent);
    expect(await verifyAuditLog(lines)).toEqual({ valid: true, ...log.head() });
    const anew = createAuditLog({ write: (line) => lines.push(line) });
    anew.onEvent?.(EVENTS[0] as AttestationEvent);
    expect(await verifyAuditLog(lines)).toEqual({ valid: false, line: lines.length, problem: "out-of-sequence" });
  });

  it("writes to an object whose write is one of its methods", async () => {
    class Lines {
      readonly #written: string[] = [];
      write(line: string): void {
        this.#written.push(line);
      }
      get written(): readonly string[] {
        return this.#written;
      }
    }
    const kept = new Lines();
    const log = createAuditLog(kept);
    for (const event of DECISIONS) notify(log, event);
    expect(kept.written).toHaveLength(DECISIONS.length);
    expect(await verifyAuditLog(kept.written)).toEqual({ valid: true, ...log.head() });
  });

  it("shows a line that could not be written as missing", async () => {
    const written: string[] = [];
    const log = createAuditLog({
      write(line) {
        if (line.includes('"seq":1,')) throw new Error("disk full");
        written.push(line);
      },
    });
    for (const event of DECISIONS.slice(0, 3)) {
      try {
        log.onEvent?.(event);
      } catch {}
    }
    expect(await verifyAuditLog(written)).toEqual({ valid: false, line: 2, problem: "out-of-sequence" });
  });

  it.each<[string, object]>([
    ["write", {}],
    ["clock", { write() {}, clock: 1 }],
    ["after", { write() {}, after: { entries: -1, head: "A".repeat(43) } }],
    ["after", { write() {}, after: { entries: 1, head: "A" } }],
    ["path", { write() {}, path: "audit.log" }],
  ])("refuses at construction a wrong %s", (name, options) => {
    expect(() => createAuditLog(options as Parameters<typeof createAuditLog>[0])).toThrow(
      expect.objectContaining({ code: "ERR_OPTION", message: expect.stringContaining(name) }),
    );
  });
});

describe("its verification", () => {
  it("accepts a log that is whole, as a list, as a stream, and with the line break at the end of its file", async () => {
    async function* stream() {
      yield* lines;
    }
    const whole = { valid: true, ...head };
    expect(await verifyAuditLog(lines)).toEqual(whole);
    expect(await verifyAuditLog(stream())).toEqual(whole);
    expect(await verifyAuditLog(`${lines.join("\n")}\n`.split("\n"))).toEqual(whole);
    expect(await verifyAuditLog([])).toEqual({ valid: true, entries: 0, head: "A".repeat(43) });
  });

  it("finds every line that was removed", async () => {
    for (let i = 0; i < lines.length - 1; i++) {
      const verdict = await verifyAuditLog(lines.toSpliced(i, 1));
      expect(verdict).toEqual({ valid: false, line: i + 1, problem: "out-of-sequence" });
    }
  });

  it("finds any single character that was altered", async () => {
    const [first = "", ...rest] = lines;
    for (let i = 0; i < first.length; i++) {
      const altered = `${first.slice(0, i)}${first[i] === "x" ? "y" : "x"}${first.slice(i + 1)}`;
      expect(await verifyAuditLog([altered, ...rest])).toMatchObject({ valid: false, line: 1 });
    }
    const last = lines.length - 1;
    const altered = lines[last]?.replace("refused", "verified") ?? "";
    expect(await verifyAuditLog(lines.with(last, altered))).toEqual({
      valid: false,
      line: last + 1,
      problem: "altered",
    });
  });

  it("finds a line that was altered and hashed anew, at the next one", async () => {
    const forged = rehashed(lines[4] ?? "", (entry) => {
      entry["event"] = { type: "verification", outcome: "verified" };
    });
    expect(await verifyAuditLog(lines.with(4, forged))).toEqual({ valid: false, line: 6, problem: "out-of-sequence" });
  });

  it("finds a last line that was hashed anew under another number", async () => {
    const last = lines.length - 1;
    const forged = rehashed(lines[last] ?? "", (entry) => {
      entry["seq"] = last + 5;
    });
    const problem = { valid: false, line: last + 1, problem: "out-of-sequence" };
    expect(await verifyAuditLog(lines.with(last, forged))).toEqual(problem);
  });

  it("finds lines that changed places, and one that is there twice", async () => {
    for (let i = 0; i < lines.length - 1; i++) {
      const [a = "", b = ""] = lines.slice(i, i + 2);
      const problem = { valid: false, line: i + 1, problem: "out-of-sequence" };
      expect(await verifyAuditLog(lines.toSpliced(i, 2, b, a))).toEqual(problem);
      expect(await verifyAuditLog(lines.toSpliced(i, 0, a))).toEqual({ ...problem, line: i + 2 });
    }
  });

  it("finds a line that was inserted, however well it is made", async () => {
    const inserted = rehashed(lines[2] ?? "", (entry) => {
      entry["seq"] = 3;
      entry["prev"] = JSON.parse(lines[2] ?? "").hash;
    });
    const verdict = await verifyAuditLog(lines.toSpliced(3, 0, inserted));
    expect(verdict).toEqual({ valid: false, line: 5, problem: "out-of-sequence" });
  });

  it.each([
    ["a line of another kind", "starting up"],
    ["an empty line", ""],
    ["a member that is there twice", 'doubled "v"'],
  ])("finds %s between its own", async (_, text) => {
    const alien = text.startsWith("doubled")
      ? (() => {
          const body = `{"v":1,"v":1,"seq":2,"time":0,"event":{},"prev":"${JSON.parse(lines[1] ?? "").hash}"}`;
          return `${body.slice(0, -1)},"hash":"${createHash("sha256").update(body).digest("base64url")}"}`;
        })()
      : text;
    expect(await verifyAuditLog(lines.toSpliced(2, 0, alien))).toEqual({ valid: false, line: 3, problem: "malformed" });
  });

  it("finds lines missing at the end by a head that was kept, and only so", async () => {
    for (let length = 0; length < lines.length; length++) {
      const cut = lines.slice(0, length);
      expect(await verifyAuditLog(cut)).toMatchObject({ valid: true, entries: length });
      const verdict = await verifyAuditLog(cut, { head: head.head });
      expect(verdict).toEqual({ valid: false, line: length + 1, problem: "head-missing" });
    }
  });

  it("takes a head of long ago for a log that has grown since", async () => {
    const early = JSON.parse(lines[3] ?? "").hash;
    expect(await verifyAuditLog(lines, { head: early })).toEqual({ valid: true, ...head });
    await expect(verifyAuditLog(lines, { head: "latest" })).rejects.toThrow("head");
  });

  it("cannot tell a log that was written anew from its beginning, unless a head was kept elsewhere", async () => {
    const forged: string[] = [];
    const log = createAuditLog({ write: (line) => forged.push(line) });
    for (const event of DECISIONS.slice(3)) log.onEvent?.(event);
    expect(await verifyAuditLog(forged)).toMatchObject({ valid: true });
    expect(await verifyAuditLog(forged, { head: head.head })).toMatchObject({ valid: false, problem: "head-missing" });
  });
});

describe("a line by itself", () => {
  it("is read as it was written", () => {
    for (const line of lines) expect(readAuditLine(line)).toEqual(JSON.parse(line));
  });

  it.each<[string, "malformed" | "altered", (line: string) => string]>([
    ["empty", "malformed", () => ""],
    ["a line of another log", "malformed", () => '{"level":"info"}'],
    ["followed by more", "malformed", (line) => `${line} `],
    ["altered", "altered", (line) => line.replace("verified", "refused_")],
    ["of another version", "malformed", (line) => rehashed(line, (entry) => Object.assign(entry, { v: 2 }))],
    ["without an event", "malformed", (line) => rehashed(line, (entry) => Object.assign(entry, { event: null }))],
    [
      "with a seq that is no number",
      "malformed",
      (line) => rehashed(line, (entry) => Object.assign(entry, { seq: "0" })),
    ],
  ])("is not read when it is %s", (_, problem, change) => {
    expect(readAuditLine(change(lines[0] ?? ""))).toBe(problem);
  });
});
