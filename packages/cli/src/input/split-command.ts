import { UsageError } from "../exit.ts";

// A word is made of runs: quoted by ' (nothing special within), quoted by " (\ before " and \ within), or bare (\ before anything).
const RUN = /'([^']*)'|"((?:[^"\\]|\\[\s\S])*)"|((?:[^\s'"\\]|\\[\s\S])+)/y;

/**
 * Splits a command line into words as a shell does, with its quotes and backslashes and without anything else of it: no
 * variable, pattern or substitution means anything.
 *
 * @throws UsageError naming the option, for a quote that is not closed or no word at all.
 */
export function splitCommand(line: string, option: string): readonly [string, ...string[]] {
  const words: string[] = [];
  let word: string | undefined;
  for (let at = 0; at < line.length; ) {
    if (/\s/.test(line.charAt(at))) {
      if (word !== undefined) words.push(word);
      word = undefined;
      at++;
      continue;
    }
    RUN.lastIndex = at;
    const run = RUN.exec(line);
    if (!run) throw new UsageError(`${option}: a quote is not closed, or the line ends with a backslash`);
    const [whole, single, double, bare] = run;
    word = `${word ?? ""}${single ?? double?.replace(/\\(["\\])/g, "$1") ?? bare?.replace(/\\([\s\S])/g, "$1")}`;
    at += whole.length;
  }
  if (word !== undefined) words.push(word);
  const [command, ...args] = words;
  if (!command) throw new UsageError(`${option}: names no program`);
  return [command, ...args];
}
