import { optionError, refuseUnknownOptions } from "@attest/core";
import type { Demand as Judged } from "@attest/mcp-server/gate";
import { type Demand, type Demands, judgedDemand } from "./demand.ts";
import { isPlainUri } from "./plain-uri.ts";

/** What demands are by. */
export type Kind = "tools" | "resources" | "prompts";

interface Table {
  readonly exact: ReadonlyMap<string, Judged>;
  /** Longest first. */
  readonly prefixes: readonly (readonly [prefix: string, demand: Judged])[];
}

/** Demands, validated and in the order in which they count. */
export class DemandTable {
  readonly #tables: Readonly<Record<Kind, Table>>;
  readonly #default: Judged | undefined;

  /** @throws AttestationError `ERR_OPTION`, naming the place. */
  constructor(demands: Demands) {
    refuseUnknownOptions(demands, { tools: true, resources: true, prompts: true, default: true }, "demands");
    const table = (kind: Kind) => tableOf(kind, demands[kind] ?? {});
    this.#tables = { tools: table("tools"), resources: table("resources"), prompts: table("prompts") };
    this.#default = demands.default && placed("default", demands.default);
  }

  /** Whether anything of a kind is demanded. */
  has(kind: Kind): boolean {
    const { exact, prefixes } = this.#tables[kind];
    return this.#default !== undefined || exact.size > 0 || prefixes.length > 0;
  }

  /**
   * What is demanded for a name or URI: one entry, or for a URI that readers take differently, all entries for resources. A
   * name that is no text can be taken for any.
   */
  for(kind: Kind, name: unknown): readonly Judged[] {
    const table = this.#tables[kind];
    if (typeof name !== "string" || (kind === "resources" && !isPlainUri(name))) return this.#all(table);
    const demand = table.exact.get(name) ?? table.prefixes.find(([prefix]) => name.startsWith(prefix))?.[1];
    return [demand ?? this.#default].filter((one) => one !== undefined);
  }

  /** What is demanded for a template of URIs: by its own text, or by what is before its first variable. */
  forTemplate(template: unknown): readonly Judged[] {
    const table = this.#tables.resources;
    if (typeof template !== "string") return this.#all(table);
    const [literal = ""] = template.split("{", 1);
    const demand = table.exact.get(template) ?? table.prefixes.find(([prefix]) => literal.startsWith(prefix))?.[1];
    return [demand ?? this.#default].filter((one) => one !== undefined);
  }

  #all({ exact, prefixes }: Table): readonly Judged[] {
    const all = [...exact.values(), ...prefixes.map(([, demand]) => demand), this.#default];
    return all.filter((one) => one !== undefined);
  }
}

function tableOf(kind: Kind, entries: Readonly<Record<string, Demand>>): Table {
  const exact = new Map<string, Judged>();
  const prefixes: (readonly [string, Judged])[] = [];
  for (const [name, demand] of Object.entries(entries)) {
    const place = `${kind}[${JSON.stringify(name)}]`;
    const judged = placed(place, demand);
    const isPrefix = name.endsWith("*");
    if (name === "") throw optionError(place, "is no name");
    if (isPrefix) prefixes.push([name.slice(0, -1), judged]);
    else exact.set(name, judged);
  }
  return { exact, prefixes: prefixes.sort(([a], [b]) => b.length - a.length) };
}

function placed(place: string, demand: Demand): Judged {
  try {
    return judgedDemand(demand);
  } catch (error) {
    throw optionError(place, `is wrong: ${(error as Error).message}`);
  }
}
