/** The page's style sheet: colors are told apart by the color-blind and hold on light and dark. */
export const STYLE = `
:root { color-scheme: light dark; --ground: #fff; --panel: #f6f8fa; --text: #1f2328; --faint: #59636e; --grid: #d8dee4;
  --a: #0b6e99; --b: #c4501b; --c: #7a5ea8; --warn: #9a6700; }
@media (prefers-color-scheme: dark) { :root { --ground: #0d1117; --panel: #161b22; --text: #e6edf3; --faint: #9198a1; --grid: #30363d;
  --a: #58b4dd; --b: #f0883e; --c: #b79ae8; --warn: #d29922; } }
body { margin: 0; background: var(--ground); color: var(--text); font: 15px/1.5 system-ui, sans-serif; }
main { max-width: 60rem; margin: 0 auto; padding: 1.5rem 1rem 4rem; }
h1 { font-size: 1.5rem; } h2 { font-size: 1.15rem; margin: 0; }
section { background: var(--panel); border: 1px solid var(--grid); border-radius: 8px; padding: 1rem 1.25rem; margin: 1rem 0; }
section > p, details > p { color: var(--faint); margin: 0.25rem 0 0.75rem; }
figure { margin: 0 0 0.75rem; } svg { width: 100%; height: auto; display: block; font: 13px system-ui, sans-serif; }
.title { font-weight: 600; font-size: 15px; } .group { font-weight: 600; } text { fill: var(--text); }
.tick, .axis { fill: var(--faint); } .tick { font-size: 12px; } .grid { stroke: var(--grid); }
.a { --color: var(--a); } .b { --color: var(--b); } .c { --color: var(--c); }
.line { stroke: var(--color); stroke-width: 2; fill: none; } .box, .dot { fill: var(--color); }
.dot { stroke: var(--panel); stroke-width: 1; } .hover { fill: transparent; }
.scroll { overflow-x: auto; } table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; font-size: 14px; }
th, td { text-align: right; padding: 0.25rem 0.45rem; border-bottom: 1px solid var(--grid); } th { font-weight: 600; color: var(--faint); vertical-align: bottom; }
td { white-space: nowrap; } td:first-child { white-space: normal; } th:first-child, td:first-child { text-align: left; }
.warnings { border: 1px solid var(--warn); border-radius: 8px; padding: 0.75rem 1rem 0.75rem 2rem; }
details { margin-top: 0.75rem; } summary { cursor: pointer; color: var(--faint); }
`;
