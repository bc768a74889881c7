// Draws the plots of the portal with uPlot. <div class="plot" data-series="URL" data-plot="NAME"> becomes the plot NAME of
// the JSON that URL answers, {NAME: spec, ...}, once it scrolls into view; several plots share one answer.
//
//   spec = {
//     x: [numbers], time: true          // ascending; seconds since 1970, read as UTC, if time, else numbers of x_label
//     x_label: "°F", y_label: "kWh a day",
//     series: [{label, values: [number or null], colour: "observed", kind: "line" | "points" | "bars" | "edge",
//               digits: 1, dash: true, hidden: true, spans_gaps: true}, ...]   // an edge is not drawn: it bounds a band
//     bands: [{upper: 2, lower: 3, colour: "counterfactual"}],       // the areas between two series, by their place
//     spans: [{from, to, label, colour: "brand"}],      // shaded stretches of x; without `to`, a line
//   }
//
// Colours are variables of portal.css. With the keyboard: Left and Right move the cursor, with Shift by ten, Home and End
// go to the ends; the legend, which has the values, is read out. Its entries show and hide their series.
"use strict";

const MIN_HEIGHT = 220;
const MAX_HEIGHT = 340;
const answers = new Map(); // what has been fetched, by URL

function colour(name) {
  return getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim() || name;
}

function written(value, digits) {
  return value == null ? "–" : value.toLocaleString("en", { minimumFractionDigits: digits, maximumFractionDigits: digits });
}

function size(element) {
  const width = Math.max(element.clientWidth, 200);
  return { width, height: Math.round(Math.min(MAX_HEIGHT, Math.max(MIN_HEIGHT, width * 0.4))) };
}

const KINDS = {
  line: () => ({ width: 1.25, points: { show: false } }),
  points: (paint) => ({ paths: () => null, points: { show: true, size: 4, stroke: paint, fill: paint, width: 0 } }),
  bars: (paint) => ({ paths: uPlot.paths.bars({ size: [0.9, 60] }), fill: paint, width: 0, points: { show: false } }),
  edge: () => ({ width: 0, points: { show: false } }),
};

function seriesOptions(series) {
  const paint = colour(series.colour);
  return {
    label: series.label,
    stroke: paint,
    dash: series.dash ? [6, 4] : undefined,
    show: !series.hidden,
    spanGaps: Boolean(series.spans_gaps),
    value: (_, value) => written(value, series.digits ?? 1),
    ...KINDS[series.kind ?? "line"](paint),
  };
}

// The shaded stretches, behind everything else, with their names at the top.
function drawSpans(plot, spans) {
  const { ctx, bbox } = plot;
  ctx.save();
  ctx.beginPath();
  ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height);
  ctx.clip();
  ctx.font = `${12 * devicePixelRatio}px system-ui, sans-serif`;
  ctx.textBaseline = "top";
  ctx.textAlign = "left"; // that of the axes, when the plot is drawn again
  for (const span of spans) drawSpan(plot, span);
  ctx.restore();
}

function drawSpan(plot, span) {
  const { ctx, bbox } = plot;
  const from = plot.valToPos(span.from, "x", true);
  const to = span.to == null ? from + devicePixelRatio : plot.valToPos(span.to, "x", true);
  ctx.fillStyle = colour(span.colour);
  ctx.globalAlpha = span.to == null ? 1 : 0.09;
  ctx.fillRect(from, bbox.top, to - from, bbox.height);
  ctx.globalAlpha = 1;
  ctx.fillStyle = colour("quiet");
  ctx.fillText(span.label ?? "", Math.max(from, bbox.left) + 6 * devicePixelRatio, bbox.top + 4 * devicePixelRatio);
}

function axis(label) {
  const line = colour("line");
  return { label, labelSize: 24, stroke: colour("quiet"), grid: { stroke: line, width: 1 }, ticks: { stroke: line, width: 1 } };
}

// The first and the last bar are as wide as the others.
function rangeOfBars({ x, time }) {
  const gaps = x.slice(1).map((value, i) => value - x[i]);
  const half = Math.min(...gaps, gaps.length ? Infinity : time ? 30 * 86400 : Math.abs(x[0]) / 5 || 1) / 2;
  return (_, low, high) => [low - half, high + half];
}

// Room for the longest number beside the y axis.
function widthOfTicks(_, ticks) {
  return Math.max(62, 22 + 7 * Math.max(...(ticks ?? []).map((tick) => tick.length)));
}

function utcDay(seconds) {
  return new Date(seconds * 1000).toISOString().slice(0, 10);
}

function options(element, spec) {
  const bars = spec.series.some((series) => series.kind === "bars");
  return {
    ...size(element),
    tzDate: (seconds) => uPlot.tzDate(new Date(seconds * 1000), "Etc/UTC"),
    scales: {
      x: { time: Boolean(spec.time), ...(bars ? { range: rangeOfBars(spec) } : {}) },
      y: bars ? { range: (_, low, high) => uPlot.rangeNum(Math.min(0, low), Math.max(0, high), 0.05, true) } : {},
    },
    axes: [axis(spec.x_label), { ...axis(spec.y_label), size: widthOfTicks, values: (_, ticks) => ticks.map((tick) => tick.toLocaleString("en")) }],
    series: [
      { label: spec.x_label || "Day", value: (_, value) => (value == null ? "–" : spec.time ? utcDay(value) : written(value, 1)) },
      ...spec.series.map(seriesOptions),
    ],
    bands: (spec.bands ?? []).map((band) => ({ series: [band.upper + 1, band.lower + 1], fill: faint(band.colour) })),
    legend: { live: true },
    cursor: { y: false, drag: { x: true, y: false } },
    hooks: { drawClear: [(plot) => drawSpans(plot, spec.spans ?? [])] },
  };
}

// A colour of which one sees what lies behind.
function faint(name) {
  return `${colour(name)}26`;
}

// Draws a spec into an element; it follows the element's width. Returns the plot.
function draw(element, spec) {
  element.replaceChildren();
  if (!spec.x.length) {
    element.textContent = "There is nothing to draw.";
    return null;
  }
  const plot = new uPlot(options(element, spec), [spec.x, ...spec.series.map((series) => series.values)], element);
  // not before the next frame: a new height within the callback would make the observer complain
  new ResizeObserver(() => requestAnimationFrame(() => resize(plot, element))).observe(element);
  listen(plot, element);
  return plot;
}

function resize(plot, element) {
  const wanted = size(element);
  if (wanted.width !== plot.width) plot.setSize(wanted);
}

const MOVES = { ArrowLeft: -1, ArrowRight: 1, Home: -Infinity, End: Infinity };

function listen(plot, element) {
  element.tabIndex = 0;
  plot.root.querySelector(".u-legend").setAttribute("aria-live", "polite");
  for (const entry of plot.root.querySelectorAll(".u-legend .u-series:not(:first-child) th")) makeButton(entry);
  element.addEventListener("keydown", (event) => {
    if (!(event.key in MOVES)) return;
    event.preventDefault();
    const [min, max] = plot.series[0].idxs; // of what is in view
    const move = MOVES[event.key] * (event.shiftKey ? 10 : 1);
    const index = Math.min(max, Math.max(min, (plot.cursor.idx ?? min) + move));
    plot.setCursor({ left: plot.valToPos(plot.data[0][index], "x"), top: 0 });
  });
}

function makeButton(entry) {
  entry.tabIndex = 0;
  entry.setAttribute("role", "button");
  entry.title = "Show or hide";
  entry.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" && event.key !== " ") return;
    event.preventDefault();
    entry.click();
  });
}

async function answer(url) {
  const response = await fetch(url, { headers: { Accept: "application/json" }, redirect: "error" });
  if (!response.ok) throw new Error(response.statusText);
  return response.json();
}

async function show(element) {
  const { series, plot } = element.dataset;
  if (!answers.has(series)) answers.set(series, answer(series));
  try {
    draw(element, (await answers.get(series))[plot]);
  } catch {
    answers.delete(series);
    element.textContent = "The plot could not be loaded; load the page again. The data is in the CSV file.";
  }
}

const watcher = new IntersectionObserver(
  (entries) => {
    for (const { target, isIntersecting } of entries) {
      if (!isIntersecting) continue;
      watcher.unobserve(target);
      show(target);
    }
  },
  { rootMargin: "300px" },
);
for (const element of document.querySelectorAll("[data-series]")) watcher.observe(element);
