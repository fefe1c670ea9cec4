/** A value now, or later where the platform or a backend can only tell later. */
export type MaybePromise<T> = T | Promise<T>;

/** Whether a value is still to come. Also of promises that are not the platform's own, as some clients make them. */
export function isPending<T>(value: MaybePromise<T>): value is Promise<T> {
  return typeof value === "object" && value !== null && typeof (value as Partial<PromiseLike<T>>).then === "function";
}

/** Several values: at once if all are there, else when the last comes. */
export function all<T>(values: readonly MaybePromise<T>[]): MaybePromise<T[]> {
  return values.some(isPending) ? Promise.all(values) : (values as T[]);
}

/**
 * Goes on with a value: at once if it is there, else when it comes. On Node almost everything is there at once, and a
 * dozen waits for nothing would cost as much as the reading of a token.
 */
export function after<T, R>(value: MaybePromise<T>, next: (value: T) => MaybePromise<R>): MaybePromise<R> {
  return isPending(value) ? value.then(next) : next(value);
}
