/** One thing that is wrong with a configuration. */
export interface ConfigurationProblem {
  /** Its place: `rules[0].subject`. Empty for the whole. */
  readonly place: string;
  /** From 1. Absent where no line is known. */
  readonly line?: number;
  /** What is wrong with it, and what it must be. */
  readonly message: string;
}

/** A configuration that is wrong. Its message lists every problem by file, line and place, and repeats no value. */
export class ConfigurationError extends Error {
  override readonly name = "ConfigurationError";
  /** Everything that is wrong, one by one. */
  readonly problems: readonly ConfigurationProblem[];

  constructor(file: string, problems: readonly ConfigurationProblem[]) {
    const lines = problems.map(({ place, line, message }) => {
      const at = line === undefined ? file : `${file}:${line}`;
      return `${at}: ${place === "" ? "" : `${place}: `}${message}`;
    });
    super(lines.join("\n"));
    this.problems = problems;
  }
}
