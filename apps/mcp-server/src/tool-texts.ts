import { readFileSync } from "node:fs";
import { z } from "zod";

const texts = z.record(z.string(), z.string());

/** What the bank's tools say of themselves, by name, in the place of its own words. */
export type ToolTexts = Readonly<Record<string, string>>;

/**
 * Reads the texts of tools from a file as often as the bank is built, which the v2 SDK over HTTP does for every request: a change takes
 * effect at once.
 *
 * @param file JSON, an object of names and texts. Default: the bank's own words.
 * @returns What reads it. It throws while the file cannot be read, so that nobody is served by another text than its operator's.
 */
export function toolTextsFrom(file: string | undefined): () => ToolTexts {
  if (file === undefined) return () => ({});
  return () => texts.parse(JSON.parse(readFileSync(file, "utf8")));
}
