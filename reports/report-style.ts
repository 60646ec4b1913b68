/** The colours of pages and charts, light and dark. */
export const PALETTE = `:root { color-scheme: light dark; --paper: #fff; --ink: #1b1f24; --soft: #59636e; --rule: #d8dee4; --wash: #f4f6f8;
  --accent: #c2410c; --node0: #2563b0; --node1: #e08a1e; --node2: #2f8f6b; --node3: #b04a8f; --node4: #7a6a2f; --node5: #5b5fc7; --node6: #8a5a44; --node7: #6b7785; }
@media (prefers-color-scheme: dark) {
  :root { --paper: #14181d; --ink: #e6e9ec; --soft: #a3adb8; --rule: #343c45; --wash: #1c2228;
    --accent: #ff9b66; --node0: #6aa5ec; --node1: #f0b05a; --node2: #63c39c; --node3: #e08cc4; --node4: #c6b36a; --node5: #a2a5f5; --node6: #c89a80; --node7: #b4bfca; }
}`;

/** The page's style sheet: one column, readable from a phone to a desktop. */
export const STYLE = `
${PALETTE}
* { box-sizing: border-box; }
body { margin: 0 auto; padding: 2rem 1rem 4rem; max-width: 54rem; background: var(--paper); color: var(--ink);
  font: 1rem/1.5 system-ui, sans-serif; overflow-wrap: break-word; }
h1 { font-size: 1.5rem; line-height: 1.3; margin: 0 0 .5rem; }
h2 { font-size: 1.1rem; margin: 2.5rem 0 .5rem; }
p, ul { margin: .5rem 0; }
ul { padding-left: 1.2rem; }
.soft, figcaption, footer { color: var(--soft); font-size: .9rem; }
.warning { border-left: 4px solid var(--accent); padding: .25rem .75rem; background: var(--wash); }
figure { margin: .5rem 0; }
figure svg { display: block; max-width: 100%; height: auto; }
.key { display: inline-block; margin-right: 1rem; white-space: nowrap; }
.key i { display: inline-block; width: .8em; height: .8em; margin-right: .4em; }
.narrow { display: none; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; font-size: .9rem; font-variant-numeric: tabular-nums; min-width: 100%; }
th, td { padding: .3rem .6rem; text-align: right; border-bottom: 1px solid var(--rule); white-space: nowrap; }
th { color: var(--soft); font-weight: 600; }
th:first-child, td:first-child { text-align: left; padding-left: 0; }
dl { margin: .5rem 0; font-size: .9rem; }
dt { color: var(--soft); margin-top: .5rem; overflow-wrap: anywhere; }
dd { margin: 0; overflow-wrap: anywhere; }
@media (min-width: 641px) { dl { display: grid; grid-template-columns: 15rem 1fr; gap: .4rem 1rem; } dt { margin: 0; } }
tr.chosen td { font-weight: 700; color: var(--accent); }
pre { background: var(--wash); padding: .75rem; overflow-x: auto; font-size: .85rem; line-height: 1.6; }
code { overflow-wrap: anywhere; }
@media (max-width: 640px) { body { padding-top: 1rem; } h1 { font-size: 1.25rem; } table { font-size: .8rem; } th, td { padding: .3rem .3rem; white-space: normal; } .wide { display: none; } .narrow { display: block; } }
`;
