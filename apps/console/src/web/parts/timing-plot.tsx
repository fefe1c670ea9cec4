import type { JSX } from "preact";
import { useEffect, useRef } from "preact/hooks";
import uPlot from "uplot";
import "uplot/dist/uPlot.min.css";
import type { Timing } from "../feed-store.ts";
import { duration } from "../words.ts";

const KINDS = [
  ["full", "ID checked in full"],
  ["remembered", "ID known, signature checked"],
  ["mac", "ID known, MAC checked"],
  ["refused", "Refused"],
] as const;

const HEIGHT = 240;

/** How long each verification took at the server, as points over time. */
export function TimingPlot({ timings }: { timings: readonly Timing[] }): JSX.Element {
  const holder = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot>(undefined);

  useEffect(() => {
    const element = holder.current;
    if (!element) return;
    const draw = (): void => {
      plot.current?.destroy();
      plot.current = new uPlot(optionsFor(element), EMPTY, element);
    };
    draw();
    const resized = new ResizeObserver(() => plot.current?.setSize({ width: element.clientWidth, height: HEIGHT }));
    resized.observe(element);
    // Colours are read when drawing, so a change of theme draws anew.
    const themed = new MutationObserver(draw);
    themed.observe(document.documentElement, { attributeFilter: ["data-theme"] });
    const query = matchMedia("(prefers-color-scheme: dark)");
    query.addEventListener("change", draw);
    return () => {
      resized.disconnect();
      themed.disconnect();
      query.removeEventListener("change", draw);
      plot.current?.destroy();
    };
  }, []);

  useEffect(() => plot.current?.setData(columns(timings)), [timings]);

  const sorted = timings.map(({ took }) => took).sort((a, b) => a - b);
  const at = (share: number): string => duration(sorted[Math.floor((sorted.length - 1) * share)] ?? 0);
  return (
    <section class="panel" aria-labelledby="timing-title">
      <h2 id="timing-title">How long a check takes</h2>
      <p class="lead">
        {sorted.length === 0
          ? "Waiting for the first request."
          : `Of the last ${sorted.length}, half took at most ${at(0.5)} and 95 % at most ${at(0.95)}, on this machine, with everything else that runs on it.`}
      </p>
      <ul class="legend">
        {KINDS.map(([kind, label]) => (
          <li key={kind} class={`series ${kind}`}>
            {label}
          </li>
        ))}
      </ul>
      <div
        class="plot"
        ref={holder}
        role="img"
        aria-label="Verification times over time; the sentence above sums them up"
      />
    </section>
  );
}

const EMPTY: uPlot.AlignedData = [[], ...KINDS.map(() => [])];

function columns(timings: readonly Timing[]): uPlot.AlignedData {
  const of = (kind: Timing["kind"]) => timings.map((timing) => (timing.kind === kind ? timing.took : null));
  return [timings.map(({ at }) => at), ...KINDS.map(([kind]) => of(kind))];
}

function clockTime(seconds: number): string {
  return new Date(seconds * 1000).toLocaleTimeString("en-GB");
}

function optionsFor(element: HTMLElement): uPlot.Options {
  const color = (selector: string): string => {
    const found = document.querySelector(selector);
    return found ? getComputedStyle(found).color : "gray";
  };
  const quiet = getComputedStyle(element).color;
  const grid = { stroke: getComputedStyle(element).borderTopColor, width: 1 };
  const axis = { stroke: quiet, grid, ticks: grid, font: "12px system-ui, sans-serif" };
  return {
    width: element.clientWidth,
    height: HEIGHT,
    legend: { show: false },
    cursor: { show: false },
    scales: { y: { distr: 3 } },
    axes: [
      { ...axis, space: 90, values: (_, splits) => splits.map(clockTime) },
      { ...axis, size: 64, values: (_, splits) => splits.map((ms) => (ms === null ? "" : duration(ms))) },
    ],
    series: [
      {},
      ...KINDS.map(([kind, label]) => {
        const stroke = color(`.series.${kind}`);
        return { label, stroke, paths: () => null, points: { show: true, size: 5, fill: stroke, stroke } };
      }),
    ],
  };
}
