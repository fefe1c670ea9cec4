// A plain strict reader of JSON, written for the fuzzer alone and from the RFCs alone: slow, obvious, and sharing no line or
// idea with the one that it judges. It reads bytes, one at a time, by the grammar of RFC 8259 and the limits of RFC 7493.

/** Objects are maps here, so that no name means anything. */
export type ReferenceValue = null | boolean | number | string | ReferenceValue[] | Map<string, ReferenceValue>;

class Refused extends Error {}

/** Reads UTF-8 bytes as one JSON value, nested at most `maxDepth` deep; `undefined` if they are not that. */
export function readReferenceJson(bytes: Uint8Array, maxDepth: number): ReferenceValue | undefined {
  try {
    const reader = new Reader(codePointsOf(bytes), maxDepth);
    return reader.document();
  } catch (error) {
    if (error instanceof Refused) return undefined;
    throw error;
  }
}

/** RFC 3629 §3: lengths, continuation bytes, shortest form, no surrogates, nothing above U+10FFFF. */
function codePointsOf(bytes: Uint8Array): number[] {
  const points: number[] = [];
  for (let i = 0; i < bytes.length; ) {
    const first = bytes[i] as number;
    const length = first < 0x80 ? 1 : first < 0xc0 ? 0 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : first < 0xf8 ? 4 : 0;
    if (length === 0 || i + length > bytes.length) throw new Refused();
    let point = length === 1 ? first : first & (0xff >> (length + 1));
    for (let j = 1; j < length; j++) {
      const next = bytes[i + j] as number;
      if (next >> 6 !== 2) throw new Refused();
      point = point * 64 + (next & 63);
    }
    const least = [0, 0, 0x80, 0x800, 0x10000][length] as number;
    if (point < least || point > 0x10ffff || (point >= 0xd800 && point <= 0xdfff)) throw new Refused();
    points.push(point);
    i += length;
  }
  return points;
}

class Reader {
  readonly #points: readonly number[];
  readonly #maxDepth: number;
  #at = 0;

  constructor(points: readonly number[], maxDepth: number) {
    this.#points = points;
    this.#maxDepth = maxDepth;
  }

  document(): ReferenceValue {
    const value = this.#value(0);
    this.#space();
    if (this.#at !== this.#points.length) throw new Refused();
    return value;
  }

  #value(depth: number): ReferenceValue {
    this.#space();
    const next = this.#peek();
    if (next === "{" || next === "[") {
      if (depth >= this.#maxDepth) throw new Refused();
      return next === "{" ? this.#object(depth + 1) : this.#array(depth + 1);
    }
    if (next === '"') return this.#string();
    if (next === "t") return this.#literal("true", true);
    if (next === "f") return this.#literal("false", false);
    if (next === "n") return this.#literal("null", null);
    return this.#number();
  }

  #object(depth: number): Map<string, ReferenceValue> {
    const members = new Map<string, ReferenceValue>();
    this.#take("{");
    this.#space();
    if (this.#peek() === "}") this.#at++;
    else {
      for (;;) {
        this.#space();
        const name = this.#string();
        if (members.has(name)) throw new Refused();
        this.#space();
        this.#take(":");
        members.set(name, this.#value(depth));
        this.#space();
        if (this.#peek() !== ",") break;
        this.#at++;
      }
      this.#take("}");
    }
    return members;
  }

  #array(depth: number): ReferenceValue[] {
    const elements: ReferenceValue[] = [];
    this.#take("[");
    this.#space();
    if (this.#peek() === "]") this.#at++;
    else {
      for (;;) {
        elements.push(this.#value(depth));
        this.#space();
        if (this.#peek() !== ",") break;
        this.#at++;
      }
      this.#take("]");
    }
    return elements;
  }

  #string(): string {
    this.#take('"');
    const units: number[] = [];
    for (;;) {
      const point = this.#points[this.#at++];
      if (point === undefined || point < 0x20) throw new Refused();
      if (point === 0x22) break;
      if (point === 0x5c) units.push(this.#escape());
      else if (point < 0x10000) units.push(point);
      else units.push(0xd800 + ((point - 0x10000) >> 10), 0xdc00 + ((point - 0x10000) & 0x3ff));
    }
    for (let i = 0; i < units.length; i++) {
      const unit = units[i] as number;
      if (unit < 0xd800 || unit > 0xdfff) continue;
      const next = units[++i];
      if (unit > 0xdbff || next === undefined || next < 0xdc00 || next > 0xdfff) throw new Refused();
    }
    return units.map((unit) => String.fromCharCode(unit)).join("");
  }

  #escape(): number {
    const char = this.#peek();
    this.#at++;
    if (char === "u") {
      let unit = 0;
      for (let i = 0; i < 4; i++) {
        const digit = "0123456789abcdef".indexOf((this.#peek() || "x").toLowerCase());
        if (digit < 0) throw new Refused();
        unit = unit * 16 + digit;
        this.#at++;
      }
      return unit;
    }
    const at = '"\\/bfnrt'.indexOf(char || "x");
    if (at < 0) throw new Refused();
    return '"\\/\b\f\n\r\t'.charCodeAt(at);
  }

  #number(): number {
    let text = "";
    const digits = (): void => {
      const before = text.length;
      while (/^[0-9]$/.test(this.#peek())) text += this.#next();
      if (text.length === before) throw new Refused();
    };
    if (this.#peek() === "-") text += this.#next();
    if (this.#peek() === "0") text += this.#next();
    else digits();
    if (this.#peek() === ".") {
      text += this.#next();
      digits();
    }
    if (/^[eE]$/.test(this.#peek())) {
      text += this.#next();
      if (/^[+-]$/.test(this.#peek())) text += this.#next();
      digits();
    }
    return Number(text);
  }

  #literal<T>(word: string, value: T): T {
    for (const char of word) this.#take(char);
    return value;
  }

  #space(): void {
    while ([" ", "\t", "\n", "\r"].includes(this.#peek())) this.#at++;
  }

  #take(char: string): void {
    if (this.#next() !== char) throw new Refused();
  }

  #next(): string {
    const char = this.#peek();
    this.#at++;
    return char;
  }

  #peek(): string {
    const point = this.#points[this.#at];
    return point === undefined ? "" : String.fromCodePoint(point);
  }
}
