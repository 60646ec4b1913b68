import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { temporaryFolder } from '../temporary-folder.ts';
import { numaweave } from './run.ts';

const folder = temporaryFolder();
const at = (name: string) => join(folder, name);
const run = (...args: string[]) => numaweave(args, { cwd: folder });

function json(...args: string[]) {
  const { status, stdout, stderr } = run(...args, '--json');
  expect(stderr).toBe('');
  expect(status).toBe(0);
  return JSON.parse(stdout);
}

/** A line for people: one, and no stack. */
function refused(status: number, pattern: RegExp, ...args: string[]) {
  const got = run(...args);
  expect(got.stderr).toMatch(pattern);
  expect(got.stderr.trimEnd().split('\n')).toHaveLength(1);
  expect(got.status).toBe(status);
}

const POINTS = 'weights,read_share,gbps\n1:0,0.5,200.9\n0:1,0.5,22.2\n9:1,0.5,205.8\n';

describe('models of time', () => {
  test('the queue model agrees with the closed loop, which the bottleneck bound is above', () => {
    const synth = ['trace', 'synth', 'random', '--pages', '2048', '--accesses', '400000'];
    expect(run(...synth, '--seed', '1', '--out', 't.arrow').status).toBe(0);
    const evaluate = (...more: string[]) =>
      json('evaluate', 't.arrow', '-m', 'spr-1cxl', '--copies', '16', '--weights', '9:1', ...more);
    const [loop, queue, bound] = ['closed-loop', 'queue', 'bottleneck'].map((model) =>
      evaluate('--model', model),
    );
    const { throughputGbps } = loop.evaluation;
    expect(loop.options.model).toBe('closed-loop');
    expect(evaluate().evaluation).toEqual(loop.evaluation);
    expect(Math.abs(queue.evaluation.throughputGbps / throughputGbps - 1)).toBeLessThan(0.05);
    expect(bound.evaluation.throughputGbps).toBeGreaterThan(throughputGbps);
    expect(bound.continuous.throughputGbps).toBeGreaterThan(loop.continuous.throughputGbps);
    for (const { loadPercentilesNs: found, meanLoadNs } of queue.evaluation.nodes) {
      expect(found.p50).toBeLessThan(found.p99);
      expect(found.p99).toBeLessThan(found.p999);
      expect(meanLoadNs).toBeGreaterThan(100);
    }
    const part = evaluate('--model', 'queue', '--queue-lines', '100000');
    expect(Math.abs(part.evaluation.throughputGbps / throughputGbps - 1)).toBeLessThan(0.05);
    expect(part.assumptions.join(' ')).toMatch(/% of the lines of each run are replayed/);
    const text = run(
      'evaluate',
      't.arrow',
      '-m',
      'spr-1cxl',
      '--weights',
      '9:1',
      '--model',
      'queue',
    );
    expect(text.stdout).toMatch(/99\.9 %/);
    for (const line of text.stdout.split('\n')) expect(line.length).toBeLessThanOrEqual(80);
  });

  test('a sweep by the queue model gives the same bytes on one thread and on two', () => {
    const sweep = (threads: string) =>
      json(
        'sweep',
        't.arrow',
        '-m',
        'spr-1cxl',
        '--model',
        'queue',
        '--queue-lines',
        '20000',
        '--max-total',
        '4',
        '--threads',
        threads,
      );
    expect(sweep('2')).toEqual(sweep('1'));
  });

  test('two sockets show what their links carry', () => {
    const { evaluation, machine } = json(
      'evaluate',
      't.arrow',
      '-m',
      'clx-2s-upi',
      '--weights',
      '1:1',
    );
    expect(evaluation.links.map((l: { id: string }) => l.id)).toEqual(
      machine.links.map((l: { id: string }) => l.id),
    );
    const [first] = evaluation.links;
    expect(first.readUtilisation).toBeCloseTo(first.readGbps / machine.links[0].read_gbps, 12);
    const crossing = evaluation.links.reduce(
      (sum: number, l: { readGbps: number }) => sum + l.readGbps,
      0,
    );
    const all = evaluation.nodes.reduce(
      (sum: number, n: { readGbps: number }) => sum + n.readGbps,
      0,
    );
    expect(crossing / all).toBeCloseTo(0.5, 1);
  });

  test('options without use and models that are none are refused', () => {
    const evaluate = ['evaluate', 't.arrow', '-m', 'spr-1cxl', '--weights', '9:1'];
    refused(
      1,
      /--queue-lines: no use \(got --model closed-loop/,
      ...evaluate,
      '--queue-lines',
      '5',
    );
    refused(2, /model.*closed-loop, bottleneck, queue/, ...evaluate, '--model', 'mm1');
  });
});

describe('calibrating', () => {
  test('writes a machine that gives the points back, and says what it cannot know', () => {
    writeFileSync(at('points.csv'), POINTS);
    const { stdout, status } = run(
      'machine',
      'calibrate',
      'spr-1cxl',
      '--points',
      'points.csv',
      '--out',
      'm.json',
    );
    expect(status).toBe(0);
    expect(stdout).toMatch(/rms error .* before, .* %\s+after/);
    expect(stdout).toMatch(/little about slots per core/);
    for (const line of stdout.split('\n')) expect(line.length).toBeLessThanOrEqual(80);
    expect(run('machine', 'check', 'm.json').stdout).toMatch(/is valid/);
    expect(JSON.parse(readFileSync(at('m.json'), 'utf8')).source.calibration).toMatch(/3 measured/);
    const found = json('machine', 'calibrate', 'spr-1cxl', '--points', 'points.csv');
    expect(found.rmsAfter).toBeLessThan(0.01);
  });

  test('refuses points that are none, and writes nothing', () => {
    const calibrate = ['machine', 'calibrate', 'spr-1cxl', '--out', 'no.json', '--points'];
    writeFileSync(at('bad.csv'), `${POINTS}9:1,2,100\n`);
    writeFileSync(at('empty.csv'), '');
    refused(1, /bad\.csv: line 5: read_share/, ...calibrate, 'bad.csv');
    refused(1, /empty\.csv: no points/, ...calibrate, 'empty.csv');
    refused(1, /absent\.csv: no such file/, ...calibrate, 'absent.csv');
    refused(1, /is a directory/, ...calibrate, '.');
    refused(2, /--points/, 'machine', 'calibrate', 'spr-1cxl');
    expect(existsSync(at('no.json'))).toBe(false);
  });
});

test('validate prints every case, as JSON with its inputs', () => {
  const { stdout, status } = run('validate', '--svg', 'v.svg');
  expect(status).toBe(0);
  expect(stdout).toMatch(/Triad at 9:1/);
  expect(readFileSync(at('v.svg'), 'utf8')).toMatch(/^<svg /);
  const { cases, groups, notPredicted } = json('validate');
  expect(cases).toHaveLength(12);
  expect(groups.every((g: { within: boolean }) => g.within)).toBe(true);
  expect(notPredicted.length).toBeGreaterThan(0);
});
