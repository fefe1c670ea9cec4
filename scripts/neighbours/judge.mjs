/** How many lines of ours a layout may take. */
const MOST_LINES = 3;
const SUBJECT = "spiffe://example.com/model/example-1";

/** What is not as it must be in what the probe found. @param expected A program's entry in its package.json, with `lines`, and the source of its `tool`. */
export function judge(expected, found) {
  const problems = judgements(expected, found).filter(Boolean);
  return problems.length > 0 && found.said ? [...problems, `it said: ${found.said.slice(-700)}`] : problems;
}

function judgements({ refused, answers, serves, lines, caller, tool, behind, nextTo, calls, suite }, found) {
  // What nobody changed has no lines of ours.
  if (suite) return judgeScenarios(found);
  if (behind) return judgeEras(serves, calls.answer, found);
  if (nextTo) return judgeUnchangedClient(found);
  const tooMany = (lines.length === 0 || lines.length > MOST_LINES) && `takes ${lines.length} lines`;
  const untold = serves && !tool.includes(caller) && `its tool does not learn by ${caller} who calls`;
  return [tooMany, untold, ...judgeBehaviour({ refused, answers, serves }, found)];
}

function judgeBehaviour({ refused, answers, serves }, found) {
  if (refused) return [judgeRefusal(refused, found)];
  if (answers) return judgeAnswers(answers, found);
  if (!serves) return judgeClient(found);
  return judgeEras(serves, SUBJECT, found);
}

function judgeEras(serves, answer, { eras }) {
  if (!eras) return ["does not listen"];
  return Object.entries(eras).flatMap(([era, row]) => judgeServer(era, row, serves.includes(era) && answer));
}

/** A mistake is refused where it is made, by a message that names what was given. */
function judgeRefusal(name, { ended, said }) {
  return (
    !(ended && said.includes("AttestationError") && said.includes(name)) && `must be refused by a message with ${name}`
  );
}

/** A mistake that only a request shows is answered with the line to add, and nobody is served. */
function judgeAnswers(line, { eras = {} }) {
  const rows = Object.entries(eras);
  if (rows.length === 0) return ["does not listen"];
  return rows.map(
    ([era, { unserved }]) =>
      !(unserved?.startsWith("500 ") && unserved.includes(line)) &&
      `${era}: must be answered with ${line}: ${unserved}`,
  );
}

/** @param serves What an honest call answers; false for an era that is not served. */
function judgeServer(era, row, serves) {
  if (row.unserved) return [serves && `${era}: not served: ${row.unserved}`];
  const refusedFor = (reason, ...names) =>
    names.map((name) => !row[name]?.includes(reason) && `${era}: ${name}: ${row[name]}`);
  const notServed = (...names) => names.map((name) => !/^4\d\d /.test(row[name]) && `${era}: ${name}: ${row[name]}`);
  const session = row.session
    ? [
        row.after !== row.honest && `${era}: after strangers tried: ${row.after}`,
        /served/.test(row.hijack) && row.hijack,
      ]
    : [];
  return [
    !serves && `${era}: is served, and package.json says that it is not`,
    row.honest?.trim() !== serves && `${era}: an honest call answers ${row.honest}`,
    row.status !== "verified" && `${era}: the client learns ${row.status}`,
    ...refusedFor("attestation_required", "stranger"),
    ...refusedFor("attestation_replay", "replay"),
    ...notServed("get", "delete"),
    ...session,
  ];
}

function judgeClient({ whoami, status, refused, calls }) {
  return [
    !whoami?.includes(SUBJECT) && `an honest call answers ${whoami}`,
    calls.join() !== SUBJECT && `the server was called by ${calls.join(", ") || "nobody"}`,
    status !== "verified" && `the client learns ${status}`,
    refused?.reason !== "attestation_claims_insufficient" &&
      `a refusal reaches the caller as ${JSON.stringify(refused)}`,
  ];
}

/** A host shows what its companion was answered, as it shows other servers' errors: of some, the text is all that comes through. */
function judgeUnchangedClient({ whoami, refused, calls }) {
  const text = `${refused?.reason} ${refused?.error} ${refused?.answer}`;
  return [
    !whoami?.includes(SUBJECT) && `an honest call answers ${whoami}`,
    calls.join() !== SUBJECT && `the server was called by ${calls.join(", ") || "nobody"}`,
    !/attestation.claims.insufficient/i.test(text) && `a refusal reaches the user as ${JSON.stringify(refused)}`,
  ];
}

/** No scenario that passes plainly fails through companion and gateway, and each passes as many checks there. */
function judgeScenarios({ scenarios }) {
  return scenarios.map(
    ({ name, plain, through }) =>
      plain !== false && through !== plain && `${name}: plainly ${plain}, through both ${through}`,
  );
}
