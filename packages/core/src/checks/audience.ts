import type { RegisteredClaims } from "../claims/registered-claims.ts";
import { type Refusal, refusal, shown } from "./refusal.ts";
import type { Judging, Statement } from "./statement.ts";
import { audiencesOf, type UseFacts } from "./use.ts";

type Claimed = Judging & { readonly claims: RegisteredClaims };

/**
 * §6 step 6, T20: issued for this server, exactly, and for no other unless that is allowed. It may leave its audience open:
 * then the proof alone says which server it is for.
 */
export function checkAudience({ claims, configuration }: Claimed): Refusal | undefined {
  if (claims.aud === undefined) return undefined;
  const audiences = audiencesIn(claims);
  if (audiences.length > 1 && !configuration.allowMultipleAudiences) {
    return refusal(
      "ERR_ATTESTATION_AUDIENCES",
      "The attestation is issued for several audiences (allowMultipleAudiences)",
    );
  }
  if (audiences.some((audience) => configuration.audiences.includes(audience))) return undefined;
  return elsewhere(audiences, configuration.audiences);
}

/** §6 step 6 of a foreign token without a proof, T20: issued for this server and nobody else, whatever is allowed otherwise. */
export function checkSoleAudience({ claims, configuration }: Claimed): Refusal | undefined {
  const audiences = audiencesIn(claims);
  if (audiences.length > 1) {
    return refusal("ERR_ATTESTATION_AUDIENCES", "A foreign token without a proof must be issued for one audience only");
  }
  if (audiences.some((audience) => configuration.audiences.includes(audience))) return undefined;
  return elsewhere(audiences, configuration.audiences);
}

/** §6 step 6: a token without a proof names its audience, since nothing else does. */
export function checkHasAudience({ claims }: Claimed): Refusal | undefined {
  if (claims.aud !== undefined) return undefined;
  return refusal("ERR_ATTESTATION_AUDIENCE", "A bearer attestation must be issued for an audience");
}

/** §6 step 6, of a token without a proof: the audience that it is used for, which this message addresses. */
export function chooseAudience(facts: UseFacts): Refusal | { audience: string } {
  const audiences = audiencesIn(facts.statement.claims);
  const names = audiencesOf(facts);
  // In the token's order, so that instances that list their names differently agree on the one that is used up.
  const audience = audiences.find((candidate) => names.includes(candidate));
  return audience === undefined ? elsewhere(audiences, facts.request?.audience ?? names) : { audience };
}

/** The first statement, of all layers and links that were presented, that is not for an audience. */
export function notAttesting(
  { layers, delegation }: Statement,
  audience: string,
): Pick<RegisteredClaims, "aud"> | undefined {
  const layer = layers.find(({ claims }) => !attests(claims, audience));
  return layer?.claims ?? delegation?.links.find(({ claims }) => !attests(claims, audience))?.claims;
}

/** Whether a token is issued for an audience, or leaves its audience open. */
function attests({ aud }: Pick<RegisteredClaims, "aud">, audience: string): boolean {
  return aud === undefined || (typeof aud === "string" ? aud === audience : aud.includes(audience));
}

function audiencesIn({ aud = [] }: RegisteredClaims): readonly string[] {
  return typeof aud === "string" ? [aud] : aud;
}

function elsewhere(audiences: readonly string[], names: unknown): Refusal {
  return refusal(
    "ERR_ATTESTATION_AUDIENCE",
    `The attestation is issued for the audience ${shown(audiences)}; this server is ${shown(names)} (audience)`,
  );
}
