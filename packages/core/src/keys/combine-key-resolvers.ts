import { AttestationError } from "../errors.ts";
import type { KeyResolver } from "./key-resolver.ts";

/**
 * One resolver out of several, each for its own issuers. A resolver that does not list its issuers is asked for those
 * that no other lists; the first that knows the key answers.
 *
 * @throws AttestationError `ERR_KEY_DUPLICATE` from `resolve` if two of them list the same issuer: ambiguity refuses (K4).
 */
export function combineKeyResolvers(...resolvers: KeyResolver[]): KeyResolver {
  const open = resolvers.filter((resolver) => resolver.issuers === undefined);
  return {
    async resolve(issuer, kid) {
      const [owner, ...others] = resolvers.filter((resolver) => resolver.issuers?.includes(issuer));
      if (others.length > 0) {
        throw new AttestationError("ERR_KEY_DUPLICATE", "Several combined key resolvers claim the same issuer");
      }
      for (const resolver of owner ? [owner] : open) {
        const key = await resolver.resolve(issuer, kid);
        if (key !== undefined) return key;
      }
      return undefined;
    },
    async hasKeys(issuer) {
      const owners = resolvers.filter((resolver) => resolver.issuers?.includes(issuer));
      const answers = (owners.length > 0 ? owners : open).map(async (resolver) => resolver.hasKeys?.(issuer) ?? true);
      return (await Promise.all(answers)).includes(true);
    },
    // Some resolvers learn their issuers late, so the list is read each time; with an open one there is no list.
    ...(open.length === 0 && {
      get issuers() {
        return resolvers.flatMap((resolver) => resolver.issuers ?? []);
      },
    }),
    async ready() {
      await Promise.all(resolvers.map((resolver) => resolver.ready?.()));
    },
    async close() {
      await Promise.all(resolvers.map((resolver) => resolver.close?.()));
    },
  };
}
