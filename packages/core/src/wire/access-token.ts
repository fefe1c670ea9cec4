/**
 * The access token in an `Authorization` field, which a proof covers (SPEC §3): the credential of the `Bearer` or
 * `DPoP` scheme, in any case. Agent and server read it by this one rule, or a good proof would be refused.
 *
 * @param authorization The field's value; `null` or `undefined` where there is none.
 * @returns `undefined` without a token: there is no field, or it is of another scheme, or malformed.
 */
export function accessTokenOf(authorization: string | null | undefined): string | undefined {
  return /^(?:Bearer|DPoP) +(\S+) *$/i.exec(authorization ?? "")?.[1];
}
