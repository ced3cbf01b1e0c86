// Draws the charts of a report page from their Vega-Lite specification: colours from the page's own tokens, formulas by
// the interpreter, for the Content-Security-Policy refuses code made at run time. The table below says the same.
import { expressionInterpreter } from "vega-interpreter";
import embed from "vega-embed";

const token = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
const SERIES = [1, 2, 3, 4, 5, 6, 7].map((n) => `--series-${n}`);
const HEAT = [1, 2, 3, 4].map((n) => `--heat-${n}`);

const config = () => {
  const [ink, quiet, line] = [token("--ink"), token("--ink-3"), token("--line")];
  const series = SERIES.map(token);
  return {
    background: "transparent",
    font: token("--font"),
    view: { stroke: null },
    axis: {
      labelColor: quiet,
      titleColor: quiet,
      gridColor: line,
      domainColor: token("--line-control"),
      tickColor: token("--line-control"),
      labelFontSize: 11,
      titleFontSize: 11,
      titleFontWeight: "normal",
    },
    axisX: { grid: false },
    legend: {
      orient: "bottom",
      columns: window.innerWidth < 600 ? 2 : 5,
      labelLimit: 180,
      labelColor: ink,
      labelFontSize: 12,
      symbolType: "square",
    },
    range: { category: series, heatmap: HEAT.map(token), ramp: HEAT.map(token) },
    bar: { color: series[0] },
    line: { color: series[0] },
    point: { color: series[0] },
    rule: { color: token("--ink-2") },
    text: { color: ink },
  };
};

const french = {
  decimal: ",",
  thousands: "\u202f",
  grouping: [3],
  currency: ["", "\u00a0€"],
  percent: "\u202f%",
};

for (const place of document.querySelectorAll("[data-chart]")) {
  const waiting = place.firstElementChild;
  const target = document.createElement("div");
  target.ariaHidden = "true"; // the figure has a name, and the table below says what the marks say
  place.append(target);
  const options = {
    ast: true,
    expr: expressionInterpreter,
    actions: false,
    renderer: "svg",
    defaultStyle: false,
    tooltip: false,
    config: config(),
  };
  if (place.dataset.locale === "fr") options.formatLocale = french;
  embed(target, JSON.parse(place.dataset.chart), options)
    .then(() => {
      waiting?.remove();
      place.classList.add("is-drawn");
    })
    .catch((problem) => {
      target.remove();
      console.warn("chart not drawn", problem);
    });
}
