import { readFile } from "node:fs/promises";
import { dirname } from "node:path";
import type { z } from "zod";
import { ConfigurationError } from "./configuration-error.ts";
import { OwnFiles } from "./own-files.ts";
import { type ConfigurationForm, type ParsedConfiguration, parseConfiguration } from "./parse-configuration.ts";

/** A configuration that was read from a file. */
export interface ReadConfiguration<T = unknown> extends ParsedConfiguration<T> {
  /** The path that it was read from. */
  readonly file: string;
  /** Reads the files that it names. */
  readonly files: OwnFiles;
}

/** Reads and checks a configuration file. @throws ConfigurationError. */
export async function readConfiguration<S extends z.ZodType>(
  file: string,
  form: ConfigurationForm<S>,
): Promise<ReadConfiguration<z.output<S>>> {
  let text: string;
  try {
    text = await readFile(file, "utf8");
  } catch (error) {
    const { code = "unknown" } = error as NodeJS.ErrnoException;
    throw new ConfigurationError(file, [{ place: "", message: `cannot be read (${code})` }]);
  }
  return { ...parseConfiguration(text, file, form), file, files: new OwnFiles(dirname(file)) };
}
