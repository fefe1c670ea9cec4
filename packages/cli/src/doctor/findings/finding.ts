import type { Advertised, Probe } from "../probe.ts";
import type { BodilessProbe, Survey } from "../survey.ts";

/** One thing that is set up wrongly, or conspicuously, as far as it can be seen from outside. */
export interface Finding {
  readonly name:
    | "body-parser"
    | "cors-allow"
    | "cors-expose"
    | "cors-origin"
    | "cors-refusals"
    | "delete-outside-gate"
    | "endpoint-around-gate"
    | "endpoint-redirects"
    | "endpoint-spelling"
    | "fails-open"
    | "get-outside-gate"
    | "no-gate"
    | "report-only";
  /** `fault`: strangers get in, or nobody does. `notice`: it may be meant, or it concerns some clients only. */
  readonly level: "fault" | "notice";
  /** What was seen. */
  readonly seen: string;
  /** What to change, with the line where there is one. */
  readonly change: string;
}

/** What findings are made from. */
export interface Evidence {
  readonly url: string;
  readonly initialize: Probe;
  readonly discover: Probe;
  readonly attested?: Probe;
  /** GET and DELETE without credentials in a session that this command opened with credentials. */
  readonly ownSession?: { readonly get: BodilessProbe; readonly delete: BodilessProbe };
  /** Absent where the server shows no sign of knowing attestations. */
  readonly survey?: Survey;
  /** Asked where nothing answered at the address itself. */
  readonly spellings?: Survey["spellings"];
  readonly advertised?: Advertised;
  /** Whether the server declares that it refuses strangers, and does not say that it only reports. */
  readonly isRequired: boolean;
}

/** One check of a server. Yields what it finds. */
export type Check = (evidence: Evidence) => Iterable<Finding>;
