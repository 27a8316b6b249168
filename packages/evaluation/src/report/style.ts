/** The page's own style sheet. Both themes, narrow screens and paper. */
export const PAGE_STYLE = `
:root {
  color-scheme: light dark;
  --page: #fbfbfc; --surface: #ffffff; --text: #1c2024; --muted: #5c626b; --line: #dcdfe4; --grid: #eceef1;
  --accent: #0b62c4; --threshold: #c4252d; --warn: #fff3d6; --warn-line: #d9a300;
  --train: #80838d; --calibration: #6a4fd3; --normal: #0b72d9;
  --attack-1: #d0342c; --attack-2: #c05a00; --attack-3: #1f8a4c; --attack-4: #b5309a; --attack-5: #8a6d00;
  --attack-6: #00838f; --attack-7: #7a4b2b; --attack-8: #4d5a8a;
}
@media (prefers-color-scheme: dark) {
  :root:not(.printing) {
    --page: #111315; --surface: #191b1e; --text: #eceef0; --muted: #a3a9b1; --line: #353a40; --grid: #2a2e33;
    --accent: #78b4ff; --threshold: #ff6b70; --warn: #332a10; --warn-line: #b48a1e;
    --train: #9aa0a8; --calibration: #a897ff; --normal: #57a8ff;
    --attack-1: #ff7a70; --attack-2: #ffa24d; --attack-3: #5fd08a; --attack-4: #f083d8; --attack-5: #e0c14a;
    --attack-6: #4dd0dc; --attack-7: #cfa07c; --attack-8: #a9b6ee;
  }
}
* { box-sizing: border-box; }
body {
  margin: 0; background: var(--page); color: var(--text);
  font: 16px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", sans-serif;
  font-variant-numeric: tabular-nums;
}
header, main, footer { max-width: 70rem; margin: 0 auto; padding: 0 1.25rem; }
header { padding-top: 2rem; }
footer { padding-bottom: 3rem; color: var(--muted); font-size: .875rem; }
h1 { font-size: 1.6rem; line-height: 1.25; margin: 0 0 .25rem; overflow-wrap: anywhere; }
h2 { font-size: 1.2rem; line-height: 1.3; margin: 0 0 .25rem; }
h3 { font-size: 1rem; margin: 1.25rem 0 .25rem; }
p { margin: .25rem 0 .75rem; max-width: 48rem; }
.lead, .note { color: var(--muted); }
.note { font-size: .875rem; }
section {
  background: var(--surface); border: 1px solid var(--line); border-radius: .625rem;
  padding: 1.1rem 1.25rem 1.25rem; margin: 1.25rem 0;
}
.notes { background: var(--warn); border-color: var(--warn-line); }
.notes ul { margin: .25rem 0 0; padding-left: 1.2rem; }
.columns { display: grid; gap: 1.25rem; grid-template-columns: repeat(auto-fit, minmax(min(100%, 26rem), 1fr)); }
.columns > * { min-width: 0; }
.scroll { overflow-x: auto; margin: .5rem 0; }
.scroll:focus-visible, button:focus-visible, input:focus-visible, summary:focus-visible, .chart:focus-visible {
  outline: 2px solid var(--accent); outline-offset: 2px;
}
table { border-collapse: collapse; font-size: .9rem; width: 100%; }
th, td { padding: .35rem .75rem .35rem 0; text-align: right; vertical-align: top; border-bottom: 1px solid var(--line); white-space: nowrap; }
th:first-child, td:first-child { text-align: left; }
thead th { color: var(--muted); font-weight: 500; vertical-align: bottom; white-space: normal; line-height: 1.25; }
th:last-child, td:last-child { padding-right: 0; }
tbody th { font-weight: 500; }
tbody tr:last-child > * { border-bottom: 0; }
td small { display: block; color: var(--muted); font-size: .78rem; }
td small.broken { color: var(--threshold); font-weight: 600; }
td.text, th.text { text-align: left; white-space: normal; }
td.name, th.name { white-space: normal; overflow-wrap: anywhere; min-width: 8rem; }
tr.ours > * { font-weight: 600; }
tr.ours small { font-weight: 400; }
code, .mono { font-family: ui-monospace, "SFMono-Regular", "DejaVu Sans Mono", Menlo, monospace; font-size: .82em; overflow-wrap: anywhere; white-space: normal; }
.anomalies { list-style: none; margin: .75rem 0 0; padding: 0; display: grid; gap: 1rem 2rem; grid-template-columns: repeat(auto-fill, minmax(min(100%, 27rem), 1fr)); font-size: .9rem; }
.anomalies > li { border-top: 1px solid var(--line); padding-top: .5rem; break-inside: avoid; min-width: 0; overflow-wrap: anywhere; }
.anomalies p { margin: 0 0 .25rem; }
.anomalies p span { color: var(--muted); display: block; font-size: .85rem; }
.anomalies ol { list-style: none; margin: 0; padding: 0; }
.anomalies ol li { display: grid; grid-template-columns: 3.5rem 1fr; gap: .6rem; }
.share { color: var(--muted); text-align: right; }
.figures { display: grid; gap: .75rem 1.5rem; grid-template-columns: repeat(auto-fit, minmax(9.5rem, 1fr)); margin: .75rem 0 0; }
.figures div { border-top: 2px solid var(--line); padding-top: .35rem; }
.figures dt { color: var(--muted); font-size: .85rem; }
.figures dd { margin: 0; font-size: 1.25rem; font-weight: 600; line-height: 1.3; }
.figures .long { grid-column: span 2; }
fieldset { border: 0; margin: 0; padding: 0; display: inline-flex; flex-wrap: wrap; gap: .25rem .9rem; font-size: .9rem; }
fieldset legend { float: left; margin-right: .75rem; color: var(--muted); padding: 0; }
.controls { display: flex; flex-wrap: wrap; gap: .35rem 2rem; margin: .5rem 0; }
label { display: inline-flex; align-items: center; gap: .35rem; }
input { accent-color: var(--accent); }
.columns .controls { min-height: 1.5rem; }
.slider { display: flex; align-items: center; gap: .75rem; margin: .75rem 0 0; flex-wrap: wrap; font-size: .9rem; }
.slider label { flex: 1 1 18rem; }
.slider input { flex: 1; min-width: 8rem; height: 1.75rem; }
button {
  font: inherit; font-size: .85rem; color: inherit; background: none; border: 1px solid var(--line);
  border-radius: .375rem; padding: .15rem .55rem; cursor: pointer;
}
button:disabled { opacity: .5; cursor: default; }
.legend { display: flex; flex-wrap: wrap; gap: .35rem; margin-top: .5rem; }
.legend button { display: inline-flex; align-items: center; gap: .4rem; text-align: left; overflow-wrap: anywhere; }
.legend button[aria-pressed="false"] { opacity: .55; text-decoration: line-through; }
.readout { min-height: 1.4em; font-size: .8rem; color: var(--muted); text-align: right; }
.swatch { width: .8rem; height: .8rem; border-radius: .2rem; flex: none; }
.chart { width: 100%; min-height: 220px; overflow: hidden; }
.chart .u-wrap { touch-action: pan-y; }
.draggable { cursor: ew-resize; touch-action: none; }
.u-select { display: none; }
meter { width: 6rem; height: .8rem; }
dl.note { margin: .25rem 0; } dl.note div { display: flex; flex-wrap: wrap; gap: 0 .5rem; } dl.note dt { font-weight: 600; } dl.note dd { margin: 0; }
details { margin: .5rem 0; }
summary { cursor: pointer; }
.tiny { min-width: 14rem; max-width: 34rem; }
@media (max-width: 56rem) {
  table { font-size: .82rem; }
  th, td { padding-right: .5rem; }
  td small { font-size: .72rem; }
}
@media (max-width: 36rem) {
  header, main, footer { padding-left: .75rem; padding-right: .75rem; }
  section { padding: .9rem .85rem 1rem; }
  h1 { font-size: 1.35rem; }
  meter { width: 4rem; }
  td.name, th.name { min-width: 6rem; }
}
@media print {
  :root, :root:not(.printing) {
    color-scheme: light;
    --page: #ffffff; --surface: #ffffff; --text: #000000; --muted: #444444; --line: #bbbbbb;
  }
  body { font-size: 10pt; }
  header, main, footer { max-width: none; padding: 0; }
  section { border: 0; border-top: 1px solid var(--line); border-radius: 0; padding: .75rem 0; }
  .chart, .figures, tr { break-inside: avoid; }
  h2, h3, p.note { break-after: avoid; }
  p, section:has(> h2 + .chart) { break-inside: avoid; }
  .swatch, meter { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
  .controls, .slider, .readout { display: none; }
  .scroll { overflow: visible; }
  table { font-size: 7.5pt; } td small { font-size: 6.5pt; white-space: normal; }
  th, td { padding-right: .35rem; }
  .chart { min-height: 0; }
  .uplot, .u-wrap { max-width: 100%; }
}
@media (prefers-reduced-motion: no-preference) { html { scroll-behavior: smooth; } }
`;
