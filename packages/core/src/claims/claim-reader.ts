import { isJsonObject } from "../jose/is-json-object.ts";
/** Visible ASCII: what identifiers that are compared or stored are made of (T13). */
export const IDENTIFIER: RegExp = /^[\x21-\x7e]{1,256}$/;
/** Visible ASCII as long as a SPIFFE ID or URI may be. */
export const LONG_IDENTIFIER: RegExp = /^[\x21-\x7e]{1,2048}$/;
/** Printable ASCII: names that people read. Nothing in it looks like something else in another script. */
const TEXT = /^[\x20-\x7e]{1,256}$/;

const MAX_LIST = 64;

/**
 * Claims while they are read. Optional members are set one by one: this is on the way of every token, where conditional
 * spreads cost as much as all the rest of the reading.
 */
export type Writable<T> = { -readonly [Name in keyof T]: T[Name] };

/**
 * Reads claims by name and type, from own members only (T11), and remembers the first that is not as it must be. So a
 * reader's code is a plain list of claims, and its caller asks once for the `problem`; what was read until then is
 * thrown away.
 */
export class ClaimReader {
  readonly #claims: Readonly<Record<string, unknown>>;
  readonly #path: string;
  readonly #report: { problem?: string };

  constructor(claims: Readonly<Record<string, unknown>>, path = "", report: { problem?: string } = {}) {
    this.#claims = claims;
    this.#path = path;
    this.#report = report;
  }

  /** What is wrong with the first claim that is wrong, naming the claim and repeating nothing of its content. */
  get problem(): string | undefined {
    return this.#report.problem;
  }

  has(name: string): boolean {
    return Object.hasOwn(this.#claims, name);
  }

  text(name: string, pattern: RegExp = TEXT): string {
    return this.#text(name, this.#get(name), pattern);
  }

  optionalText(name: string, pattern: RegExp = TEXT): string | undefined {
    const value = this.#get(name);
    return value === undefined ? undefined : this.#text(name, value, pattern);
  }

  texts(name: string): readonly string[] {
    const value = this.#get(name);
    const valid =
      Array.isArray(value) && value.length <= MAX_LIST && value.every((v) => typeof v === "string" && TEXT.test(v));
    return valid ? Object.freeze(value) : this.#fail(name, `must be a list of at most ${MAX_LIST} texts`, []);
  }

  oneOf<const T extends string>(name: string, values: readonly T[]): T {
    const value = this.#get(name);
    return (
      values.find((candidate) => candidate === value) ?? this.#fail(name, "is not one of its values", values[0] as T)
    );
  }

  /** Seconds since the epoch: a safe integer, not negative (T18). */
  time(name: string): number {
    return this.#time(name, this.#get(name));
  }

  optionalTime(name: string): number | undefined {
    const value = this.#get(name);
    return value === undefined ? undefined : this.#time(name, value);
  }

  /** A safe integer, not negative. */
  index(name: string, most: number = Number.MAX_SAFE_INTEGER): number {
    return this.#index(name, this.#get(name), most);
  }

  optionalIndex(name: string, most: number): number | undefined {
    const value = this.#get(name);
    return value === undefined ? undefined : this.#index(name, value, most);
  }

  /** A string or a list of strings, as `aud` is. */
  optionalAudience(name: string): string | readonly string[] | undefined {
    const value = this.#get(name);
    if (value === undefined) return undefined;
    const list = typeof value === "string" ? [value] : value;
    const valid =
      Array.isArray(list) &&
      list.length > 0 &&
      list.length <= MAX_LIST &&
      list.every((audience) => typeof audience === "string" && LONG_IDENTIFIER.test(audience));
    return valid ? Object.freeze(value as string | string[]) : this.#fail(name, "must be one or several URIs", "");
  }

  /** The same, and it must be there. */
  audience(name: string): string | readonly string[] {
    return this.optionalAudience(name) ?? this.lacks(name, "");
  }

  /** A list of 1 to 64 entries of one kind. */
  optionalEntries(name: string, isEntry: (text: string) => boolean): readonly string[] | undefined {
    const value = this.#get(name);
    if (value === undefined) return undefined;
    const valid =
      Array.isArray(value) &&
      value.length > 0 &&
      value.length <= MAX_LIST &&
      value.every((entry) => typeof entry === "string" && isEntry(entry));
    return valid ? Object.freeze(value) : this.#fail(name, `must be a list of 1–${MAX_LIST} permitted entries`, []);
  }

  /** Reports a member that is not one of these. */
  only(names: readonly string[]): void {
    if (!Object.keys(this.#claims).every((name) => names.includes(name))) {
      this.#fail("", `has a member other than ${names.join(", ")}`, undefined);
    }
  }

  /** Reports that a claim is missing. */
  lacks<T>(name: string, placeholder: T): T {
    return this.#fail(name, "must be there", placeholder);
  }

  object(name: string): ClaimReader {
    return this.#object(name, this.#get(name));
  }

  optionalObject(name: string): ClaimReader | undefined {
    const value = this.#get(name);
    return value === undefined ? undefined : this.#object(name, value);
  }

  #text(name: string, value: unknown, pattern: RegExp): string {
    if (typeof value === "string" && pattern.test(value)) return value;
    return this.#fail(name, "must be a text of the permitted characters and length", "");
  }

  #time(name: string, value: unknown): number {
    if (Number.isSafeInteger(value) && (value as number) >= 0) return value as number;
    return this.#fail(name, "must be whole seconds since the epoch", 0);
  }

  #index(name: string, value: unknown, most: number): number {
    if (Number.isSafeInteger(value) && (value as number) >= 0 && (value as number) <= most) return value as number;
    return this.#fail(name, "must be a whole number of the permitted range", 0);
  }

  #object(name: string, value: unknown): ClaimReader {
    const path = `${this.#path}${name}.`;
    if (isJsonObject(value)) {
      return new ClaimReader(value as Record<string, unknown>, path, this.#report);
    }
    this.#fail(name, "must be an object", undefined);
    return new ClaimReader({}, path, this.#report);
  }

  /** What a claim holds; JSON knows no `undefined`, so that means it is not there. */
  #get(name: string): unknown {
    return Object.hasOwn(this.#claims, name) ? this.#claims[name] : undefined;
  }

  #fail<T>(name: string, problem: string, placeholder: T): T {
    this.#report.problem ??= `\`${this.#path}${name}\` ${problem}`;
    return placeholder;
  }
}
