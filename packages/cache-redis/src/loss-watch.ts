import { notify, type Observer } from "@attest/core";
import type { Connection } from "./connection.ts";
import { clusterTags, type HashTag, TagChoice } from "./hash-tags.ts";
import { type LossMarker, readLossMarker, writeLossMarker } from "./loss-marker.ts";
import { redisError } from "./redis-failure.ts";
import { readRun, readServerFacts, type ServerFacts } from "./server-facts.ts";

/** In use, a marker that was read longer ago than this is read again before a use is accepted. */
const MARKER_MS = 250;
/** With a marker that is read, a server's settings are looked at again if that was longer ago than this. */
const FACTS_MS = 1000;
const FACTS: (string | number)[][] = [
  ["info", "memory"],
  ["info", "stats"],
];

/** A part of the key space with a marker of its own: one outside of a Cluster, 256 in it. */
export interface Section {
  readonly tag: HashTag;
  /** The marker as it was last read, or written. */
  marker: string | undefined;
  /** The run of the server that it was last verified at, and the keys that this run had evicted. */
  run: string;
  evicted: number;
  /** Uses issued up to this time, and the margin, may have been forgotten. */
  lossTime: number;
  /** The connection's generation in which it was verified, and where. */
  generation: number;
  node: string;
  verifying: Promise<void> | undefined;
}

/**
 * Notices that Redis forgot (R9). Next to the entries lies a marker; when it is gone, was made again, or was made for
 * another run of the server, entries may be gone with it, and the time of noticing becomes the marker's loss time. Every
 * instance finds it there, so that one that starts later keeps the quarantine too.
 */
export class LossWatch {
  readonly sections: readonly Section[];
  /** The greatest loss time of any section; 0 for none. */
  latestLoss = 0;
  /** The loss that was reported to the observer last. */
  #told = "";
  readonly #connection: Connection;
  readonly #prefix: string;
  readonly #runMayChange: boolean;
  readonly #tagChoice: TagChoice;
  readonly #observer: Observer | undefined;
  /** By node, when its latest reading of a marker began, and the reading on its way. */
  readonly #readAt = new Map<string, number>();
  readonly #reading = new Map<string, Promise<void>>();
  /** By node, when the latest look at its settings began. */
  readonly #lookedAt = new Map<string, number>();
  /** By node, what it said about itself in a generation of the connection. */
  readonly #facts = new Map<string, { generation: number; facts: Promise<ServerFacts & { run: string }> }>();

  constructor(
    connection: Connection,
    options: {
      prefix: string;
      cluster: boolean;
      hashTagKey: Uint8Array | undefined;
      runMayChange: boolean;
      observer: Observer | undefined;
    },
  ) {
    this.#connection = connection;
    this.#prefix = options.prefix;
    this.#runMayChange = options.runMayChange;
    this.#observer = options.observer;
    this.#tagChoice = new TagChoice(options.hashTagKey);
    const tags = options.cluster ? clusterTags() : [{ text: "", slot: 0 }];
    this.sections = tags.map((tag) => ({
      tag,
      marker: undefined,
      run: "",
      evicted: 0,
      lossTime: 0,
      generation: -1,
      node: "",
      verifying: undefined,
    }));
  }

  sectionOf(key: string): Section {
    return this.sections[this.sections.length === 1 ? 0 : this.#tagChoice.indexOf(key)] as Section;
  }

  /** Whether the server that a section was verified at is still the one that is connected to. */
  isVerified(section: Section): boolean {
    return (
      section.generation === this.#connection.generation && section.node === this.#connection.nodeOf(section.tag.slot)
    );
  }

  /** Whether its node's marker was read recently enough to accept a use on. */
  isFresh(section: Section): boolean {
    const readAt = this.#readAt.get(section.node) ?? Number.NEGATIVE_INFINITY;
    return this.isVerified(section) && performance.now() - readAt < MARKER_MS;
  }

  /** After a use was written: makes sure that what is known about its section held not long ago. */
  async confirm(section: Section, now: number): Promise<void> {
    if (this.isVerified(section) && !this.isFresh(section)) await this.#read(section, now);
    await this.assure(section, now);
  }

  /** Verifies a section unless it is; what a verification without the time (`ready`) left open is done once more. */
  async assure(section: Section, now: number): Promise<void> {
    for (let attempt = 0; attempt < 2 && !this.isVerified(section); attempt++) await this.verify(section, now);
    if (!this.isVerified(section)) throw redisError("The connection to Redis changed while it was being checked");
  }

  /**
   * Before serving over a new connection: checks that the server keeps what it is given, and whether it is the one that
   * was given it.
   *
   * @param now The verifier's time. Without it a loss cannot be dated: the section then stays unverified until a use
   * brings the time.
   */
  verify(section: Section, now?: number): Promise<void> {
    section.verifying ??= this.#verify(section, now).finally(() => {
      section.verifying = undefined;
    });
    return section.verifying;
  }

  async #verify(section: Section, now: number | undefined): Promise<void> {
    const connection = this.#connection;
    const { generation } = connection;
    const key = this.#prefix + section.tag.text;
    // A write without effect: in a Cluster it is redirected to the node that serves the slot, and a replica refuses it.
    await connection.send("persist", [key]);
    const node = connection.nodeOf(section.tag.slot);
    const readAt = performance.now();
    const { run, evicted } = await this.#factsAbout(node, key);
    const tagChoice = this.#tagChoice.name;
    // Who never knew a marker here cannot miss it.
    const lossTime = section.marker === undefined ? 0 : now;
    if (lossTime === undefined) return;
    const own = writeLossMarker({ lossTime, run, evicted, tagChoice });
    const found = await connection.send("set", [key, own, "NX", "GET"]);
    let text = found === null ? own : String(found);
    let marker = readLossMarker(text);
    if (marker && marker.tagChoice !== tagChoice) {
      throw redisError("hashTagKey is not that of the instances that share this Redis: give the same to all of them");
    }
    if (!marker || this.#isLoss(section, text, marker, { run, evicted })) {
      if (now === undefined) return;
      // Later than any that is known, so that nobody takes this marker for an older state.
      const dated = Math.max(now, knownLoss(section) + 1);
      marker = { lossTime: dated, run, evicted, tagChoice };
      text = writeLossMarker(marker);
      await connection.send("set", [key, text]);
    }
    if (text !== section.marker && marker.lossTime > 0) {
      if (now === undefined) return;
      // Whatever is gone was gone by now: a loss dated ahead by a wrong clock ends no later than one noticed here.
      this.#lose(section, node, Math.min(marker.lossTime, now), now);
    }
    // Noted with the generation that it began in: if the connection changed meanwhile, the section counts as unverified.
    Object.assign(section, { marker: text, run, evicted, generation, node } satisfies Partial<Section>);
    this.#readAt.set(node, readAt);
  }

  /** What a node says about itself, asked once in a connection's generation; the key leads there. */
  #factsAbout(node: string, key: string): Promise<ServerFacts & { run: string }> {
    const { generation } = this.#connection;
    const known = this.#facts.get(node);
    if (known?.generation === generation) return known.facts;
    const lookedAt = performance.now();
    const facts = this.#connection
      .sendTogether([["persist", key], ["info", "server"], ...FACTS])
      .then(([, server, ...info]) => ({ run: readRun(String(server)), ...readServerFacts(info.join("\r\n")) }));
    this.#lookedAt.set(node, lookedAt);
    this.#facts.set(node, { generation, facts });
    // What failed is asked again.
    facts.catch(() => this.#facts.delete(node));
    return facts;
  }

  /**
   * A marker that nobody dated for this loss: of another run of the server; of this run before it evicted; made by a newcomer
   * that could not know of a former one; or of an older state, which a former primary still had and brought back.
   */
  #isLoss(
    section: Section,
    text: string,
    marker: LossMarker,
    { run, evicted }: { run: string; evicted: number },
  ): boolean {
    if (marker.run !== run && !this.#runMayChange) return true;
    const known = marker.run === run ? marker : section;
    if (known.run === run && known.evicted !== evicted) return true;
    return section.marker !== undefined && text !== section.marker && marker.lossTime <= knownLoss(section);
  }

  #lose(section: Section, node: string, lossTime: number, now: number): void {
    if (lossTime <= section.lossTime) return;
    section.lossTime = lossTime;
    this.latestLoss = Math.max(this.latestLoss, lossTime);
    // One event for the sections that went together.
    if (this.#told !== `${node} ${lossTime}`) {
      this.#told = `${node} ${lossTime}`;
      notify(this.#observer, { type: "replay-cache", state: "state-lost" });
    }
    // The other sections are looked at now too: left to their next use, each would date its loss, and end it, later.
    for (const other of this.sections) {
      if (other !== section && !this.isVerified(other)) this.verify(other, now).catch(() => {});
    }
  }

  /** Reads one marker of the section's node, for all of that node's sections. */
  #read(section: Section, now: number): Promise<void> {
    const { node } = section;
    const reading = this.#reading.get(node) ?? this.#readMarker(section, now).finally(() => this.#reading.delete(node));
    this.#reading.set(node, reading);
    return reading;
  }

  async #readMarker({ tag, marker, run, evicted, node }: Section, now: number): Promise<void> {
    const readAt = performance.now();
    const own = writeLossMarker({ lossTime: now, run, evicted, tagChoice: this.#tagChoice.name });
    const looks = readAt - (this.#lookedAt.get(node) ?? Number.NEGATIVE_INFINITY) >= FACTS_MS;
    const [found, ...info] = await this.#connection.sendTogether([
      ["set", this.#prefix + tag.text, own, "NX", "GET"],
      ...(looks ? FACTS : []),
    ]);
    if (found === marker && (!looks || this.#hasKept(info.join("\r\n"), evicted))) {
      this.#readAt.set(node, readAt);
      if (looks) this.#lookedAt.set(node, readAt);
    }
    // Gone, or another: so may be every other marker, on this node or on all of them.
    else this.#connection.doubt();
  }

  /** Whether a server still evicts nothing, and has evicted nothing meanwhile (R8). @throws What `readServerFacts` throws. */
  #hasKept(info: string, evicted: number): boolean {
    try {
      return readServerFacts(info).evicted === evicted;
    } catch (error) {
      this.#connection.doubt();
      throw error;
    }
  }
}

/** The loss time of the marker that a section is known by; 0 for none. */
function knownLoss({ marker = "" }: Section): number {
  return readLossMarker(marker)?.lossTime ?? 0;
}
