const UNITS = [
  ["d", 86_400],
  ["h", 3600],
  ["min", 60],
  ["s", 1],
] as const;

/** Seconds in the two greatest units that they fill: `3 min 12 s`, `2 d 1 h`, `5 min`. */
export function formatDuration(seconds: number): string {
  let rest = Math.abs(Math.round(seconds));
  const first = UNITS.findIndex(([, size]) => rest >= size);
  if (first < 0) return "0 s";
  const parts: string[] = [];
  for (const [unit, size] of UNITS.slice(first, first + 2)) {
    const count = Math.floor(rest / size);
    rest -= count * size;
    if (count > 0) parts.push(`${count} ${unit}`);
  }
  return parts.join(" ");
}

/** A time as seen from another: `in 3 min 12 s`, `12 s ago`, `now`. Unix seconds. */
export function formatRelative(time: number, now: number): string {
  const difference = Math.round(time - now);
  if (difference === 0) return "now";
  return difference > 0 ? `in ${formatDuration(difference)}` : `${formatDuration(difference)} ago`;
}

/** A time as date and time of day in UTC; a time that no calendar holds as its bare number. Unix seconds. */
export function formatInstant(time: number): string {
  const date = new Date(time * 1000);
  return Number.isNaN(date.getTime()) ? `${time} s` : date.toISOString().replace(".000Z", "Z");
}
