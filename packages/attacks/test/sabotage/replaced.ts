// biome-ignore lint/suspicious/noExplicitAny: functions of any module
type AnyFunction = (...args: any[]) => any;

/** What stands in the place of real functions at the moment, by their names; each is handed the real one. */
export const replaced: Map<string, (real: AnyFunction) => AnyFunction> = new Map();

/** A module whose functions can be replaced one by one while it is in use. */
export function replaceable(module: object): object {
  return Object.fromEntries(
    Object.entries(module).map(([name, real]) => [
      name,
      typeof real === "function" && !/^[A-Z]/.test(name)
        ? (...args: unknown[]) => (replaced.get(name)?.(real) ?? real)(...args)
        : real,
    ]),
  );
}
