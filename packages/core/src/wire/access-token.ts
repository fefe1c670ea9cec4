/** What an `Authorization` field says to this protocol. */
export type AuthorizationReading =
  | {
      /** The credential of the `Bearer` or `DPoP` scheme; absent without a field, or with another scheme. */
      readonly accessToken?: string;
      readonly problem?: never;
    }
  | {
      readonly accessToken?: never;
      /** Why the field cannot be read one way only. It repeats nothing of the field. */
      readonly problem: string;
    };

/** The two schemes, in upper or lower case, each at the end of its name. */
const SCHEME = /^\s*(?:Bearer|DPoP)(?![\w!#$%&'*+.^`|~-])/i;
const ONE_CREDENTIAL = /^(?:Bearer|DPoP) +([\x21-\x7e]+) *$/i;

/**
 * Reads the access token in an `Authorization` field, which a proof covers (SPEC-3.12). Agent and server use this one
 * rule, so that they agree on what the proof is for.
 *
 * A field of either scheme with anything but exactly one credential is a problem and not "no token": MCP servers read its
 * second word, so a proof without `ath` would pass next to the token of another user (M14).
 *
 * @param authorization The field's value; `null` or `undefined` where there is no such field.
 */
export function readAuthorization(authorization: string | null | undefined): AuthorizationReading {
  const value = authorization ?? "";
  if (!SCHEME.test(value)) return {};
  const accessToken = ONE_CREDENTIAL.exec(value)?.[1];
  if (accessToken !== undefined) return { accessToken };
  return { problem: "The Authorization field must hold exactly one credential after Bearer or DPoP" };
}
