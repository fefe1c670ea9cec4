/**
 * An object that has some members of its own and everything else from another, with the methods of the other bound to
 * it, so that classes with `#private` members work.
 *
 * The own members behave as if they were really there: they can be set, defined, spied on and deleted, as instrumentation
 * does. None of this reaches the other object, which would find itself replaced by what was meant to stand before it.
 *
 * @param own Its members; one that is deleted gets back the value it had here.
 * @param changed Called with the name of an own member whose value was changed.
 */
export function overlay<T extends object, O extends object>(
  inner: T,
  own: O,
  changed: (name: keyof O) => void = () => {},
): T & O {
  const original = Object.getOwnPropertyDescriptors(own) as PropertyDescriptorMap;
  const owns = (name: PropertyKey): name is keyof O & PropertyKey => Object.hasOwn(original, name);
  const proxy = new Proxy(inner, {
    get(target, name) {
      if (owns(name)) return own[name];
      const value: unknown = Reflect.get(target, name, target);
      return typeof value === "function" && name !== "constructor" ? value.bind(target) : value;
    },
    set(target, name, value) {
      if (!owns(name)) return Reflect.set(target, name, value, target);
      const done = Reflect.set(own, name, value);
      changed(name);
      return done;
    },
    has: (target, name) => owns(name) || Reflect.has(target, name),
    getOwnPropertyDescriptor: (target, name) => Reflect.getOwnPropertyDescriptor(owns(name) ? own : target, name),
    defineProperty(target, name, descriptor) {
      if (!owns(name)) return Reflect.defineProperty(target, name, descriptor);
      const done = Reflect.defineProperty(own, name, descriptor);
      changed(name);
      return done;
    },
    deleteProperty(target, name) {
      if (!owns(name)) return Reflect.deleteProperty(target, name);
      const done = Reflect.defineProperty(own, name, original[name as string] as PropertyDescriptor);
      changed(name);
      return done;
    },
  });
  return proxy as T & O;
}
