/** A sweep's choice in sentences: what others lose against it, what bounds it, how it was computed. */

import { DEFAULT_WITHIN } from '../evaluator/optimum.ts';
import type { SweepResult } from '../evaluator/sweep-result.ts';
import { kernelVersion } from '../models/mempolicy/kernel-version.ts';
import { weightsText } from '../models/mempolicy/weights.ts';
import { countOf, countText, lossText, percentText, signedPercentText } from './quantity.ts';

/** Up to so many neighbours of the recommended vector are all named; of more, the best and the worst. */
const NEIGHBOURS_NAMED = 4;

/** How near the best the plateau is: `within 1 % of the best`. */
export function withinText({ options }: Pick<SweepResult, 'options'>): string {
  return `within ${options.within ?? DEFAULT_WITHIN} % of the best`;
}

/** What the kernel's own weights, the vendor's script and 1:1 lose against the recommended vector. */
export function lossSentence({ options, optimum, baselines }: SweepResult): string {
  const { autoWeights, name } = kernelVersion(options.kernel);
  const { kernelAuto, vendorScript, equal } = baselines;
  const own = autoWeights ? "the kernel's own weights" : `the weights of Linux ${name}`;
  const rules = [
    { name: own, evaluation: kernelAuto },
    { name: "the vendor script's", evaluation: vendorScript },
    { name: '', evaluation: equal },
  ].map((rule) => ({ ...rule, text: weightsText(rule.evaluation.weights) }));
  const recommended = weightsText(optimum.weights);
  const parts = [...new Set(rules.map((rule) => rule.text))].flatMap((text) => {
    const group = rules.filter((rule) => rule.text === text);
    const names = group.map((rule) => rule.name).filter((known) => known !== '');
    if (text === recommended && names.length === 0) return [];
    const verb = names.length === 0 ? 'gives' : 'give';
    const outcome =
      text === recommended
        ? 'are those recommended'
        : `${verb} ${lossText(group[0].evaluation.throughputGbps, optimum.throughputGbps)}`;
    return [[names.join(' and '), text, outcome].filter((word) => word !== '').join(' ')];
  });
  return `${parts.join('; ').replace(/^t/, 'T')}.`;
}

/** What needs most of the run under the recommended vector, and what its neighbours would do. */
export function whySentences({ why, machine }: SweepResult): string[] {
  const share = percentText(why.utilisation);
  const node = machine.nodes.find(({ id }) => id === why.node);
  const busiest = `node ${node?.id} (${node?.kind}), the busiest, uses ${percentText(why.nodeUtilisation)} of its bandwidth`;
  const bound = {
    node: `Node ${node?.id} (${node?.kind}) saturates first: ${share} of its bandwidth is used.`,
    link: `Link ${why.link} saturates first: ${share} of its bandwidth is used; ${busiest}.`,
    latency: `Latency bounds it: reads in flight need ${share} of the run at idle latencies; ${busiest}.`,
    compute: `Computing bounds it: it needs ${share} of the run; ${busiest}.`,
  };
  return [bound[why.bound], ...nextSentence(why)];
}

function nextSentence({ next }: SweepResult['why']): string[] {
  if (next.length === 0) return [];
  const said = ({ weights, change }: (typeof next)[number]) =>
    `${weightsText(weights)} ${signedPercentText(change)}`;
  if (next.length <= NEIGHBOURS_NAMED)
    return [`One unit of weight more or less: ${next.map(said).join(', ')}.`];
  const sorted = next.toSorted((a, b) => b.change - a.change);
  return [
    `Of the ${next.length} vectors one unit of weight away the best is ${said(sorted[0])}, the worst ${said(sorted[sorted.length - 1])}.`,
  ];
}

/** How many vectors are read off residue sums, and how many had their pages placed one by one. */
export function placementSentence({ placement }: SweepResult): string {
  const { from, residues, pages } = placement;
  const all =
    residues + pages === 1 ? 'The one vector' : `All ${countText(residues + pages)} vectors`;
  if (from === 'residues') return `${all} from residue sums.`;
  const singly = 'placed page by page (a full node, or a long cycle)';
  if (from === 'pages') return `${all} ${singly}.`;
  return `${countOf(residues, 'vector')} from residue sums, ${countText(pages)} ${singly}.`;
}
