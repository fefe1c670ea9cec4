/** A type whose members are absent where they could be `undefined`. */
export type Defined<T> = { [Member in keyof T]: Exclude<T[Member], undefined> };

/** Without members that are `undefined`, which mean what absent ones mean. */
export function defined<T extends object>(value: T): Defined<T> {
  return Object.fromEntries(Object.entries(value).filter(([, member]) => member !== undefined)) as Defined<T>;
}
