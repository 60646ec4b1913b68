import type { CalibratedParameter, Calibration } from '../models/memory/calibrate.ts';
import { countOf, gainText, gbpsText, percentText } from './quantity.ts';
import { paragraph, textTable } from './text-table.ts';

/** From these shares on a parameter is called known from the points, or partly known. */
const [KNOWN, PARTLY] = [0.8, 0.3];

/** What a calibration found, what it could not find, and how it fits the points, for a terminal. */
export function calibrationText(calibration: Calibration, written: readonly string[]): string {
  const { machine, parameters, points, entangled, rmsBefore, rmsAfter } = calibration;
  const fitted = textTable(
    [
      { name: 'parameter' },
      { name: 'before', right: true },
      { name: 'after', right: true },
      { name: '95 % interval', right: true },
      { name: 'from the points' },
    ],
    parameters.map((p) => [
      parameterName(p),
      valueText(p.before),
      valueText(p.after),
      `${valueText(p.low)} to ${valueText(p.high)}`,
      `${percentText(p.fromPoints)}, ${verdict(p.fromPoints)}`,
    ]),
  );
  const compared = textTable(
    [
      { name: 'weights' },
      { name: 'reads', right: true },
      { name: 'measured GB/s', right: true },
      { name: 'before', right: true },
      { name: 'after', right: true },
    ],
    points.map((p) => [
      p.weights.join(':'),
      percentText(p.readShare),
      gbpsText(p.gbps),
      gainText(p.beforeGbps, p.gbps),
      gainText(p.afterGbps, p.gbps),
    ]),
  );
  const together = entangled.map(
    ({ pair: [a, b], correlation }) =>
      `${parameterName(parameters[a])} and ${parameterName(parameters[b])} are known only together (correlation ${correlation.toFixed(2)}): the points fit as well with both ${correlation > 0 ? 'larger or both smaller' : 'changed against each other'}.`,
  );
  const unknown = parameters.filter((p) => p.fromPoints < PARTLY).map(parameterName);
  return [
    paragraph(
      `${machine.name}, calibrated on ${countOf(points.length, 'measured bandwidth')}: rms error ${percentText(rmsBefore)} before, ${percentText(rmsAfter)} after.`,
    ),
    '',
    fitted,
    '',
    compared,
    '',
    ...together.map((text) => paragraph(text)),
    ...(unknown.length === 0
      ? []
      : [
          paragraph(
            `These points say little about ${unknown.join(', ')}: there the value is what was known beforehand.`,
          ),
        ]),
    ...(written.length === 0 ? [] : [paragraph(`Wrote ${written.join(', ')}.`)]),
  ].join('\n');
}

function verdict(fromPoints: number): string {
  if (fromPoints >= KNOWN) return 'known';
  return fromPoints >= PARTLY ? 'partly' : 'hardly';
}

function parameterName({ name, node, readShare }: CalibratedParameter): string {
  if (node === undefined) return name;
  if (readShare === undefined) return `${name}, node ${node}`;
  return `GB/s, node ${node}, ${percentText(readShare)} reads`;
}

function valueText(value: number): string {
  return value >= 100 ? value.toFixed(1) : value.toPrecision(3);
}
