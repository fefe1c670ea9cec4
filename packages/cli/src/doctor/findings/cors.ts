import { READ_FIELDS, SENT_FIELDS } from "../cors-probe.ts";
import type { Check, Finding } from "./finding.ts";

/** What keeps agents in browsers from being verified, where the server lets web pages in at all. */
export const cors: Check = function* ({ survey }) {
  if (!survey) return;
  const { origin, isChosen, preflight, answer } = survey.cors;
  if (!preflight.isAllowed && !answer.isAllowed) {
    if (isChosen) {
      yield notice(
        "cors-origin",
        `Web pages of ${origin} are not let in: no answer has Access-Control-Allow-Origin for it.`,
        "Allow the origin in the server's CORS settings, if agents run there.",
      );
    }
    return;
  }
  if (!preflight.isAllowed || lacks(preflight.fields, SENT_FIELDS)) {
    yield notice(
      "cors-allow",
      preflight.isAllowed
        ? `Web pages may not send ${SENT_FIELDS.join(" and ")}, which carry an attestation or a chain and its proof: the preflight's Access-Control-Allow-Headers lacks them.`
        : "Web pages may read answers, but the preflight (OPTIONS) does not let them send credentials.",
      `Answer OPTIONS with Access-Control-Allow-Headers: …, ${SENT_FIELDS.join(", ")}. The guard passes OPTIONS on to your handler.`,
    );
  }
  if (!answer.isAllowed) {
    yield notice(
      "cors-refusals",
      "Web pages cannot read the guard's answers: the preflight has Access-Control-Allow-Origin, and a refusal has not.",
      'Set the CORS fields before the gate, so that its answers have them too: app.use(cors(…)) above app.use("/mcp", gate).',
    );
  } else if (lacks(answer.fields, READ_FIELDS)) {
    yield notice(
      "cors-expose",
      `Web pages cannot read ${READ_FIELDS.join(", ")}: Access-Control-Expose-Headers lacks one of them or all. Without them an agent does not learn that it was verified (its status stays \`pending\`), never corrects its clock, and signs every message because it sees no ticket.`,
      `Add to every answer Access-Control-Expose-Headers: Mcp-Session-Id, WWW-Authenticate, ${READ_FIELDS.join(", ")}.`,
    );
  }
};

function notice(name: Finding["name"], seen: string, change: string): Finding {
  return { name, level: "notice", seen, change };
}

function lacks(fields: readonly string[], wanted: readonly string[]): boolean {
  return !fields.includes("*") && !wanted.every((name) => fields.includes(name.toLowerCase()));
}
