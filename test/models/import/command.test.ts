import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { readMachineFile } from '../../../models/memory/read-machine.ts';
import { temporaryFolder } from '../../temporary-folder.ts';

const folder = temporaryFolder();
const samples = 'test/models/import/samples';
const at = (name: string) => join(folder, name);

function run(...args: string[]) {
  const source = ['--import', 'tsx', 'cli.ts', 'machine', ...args];
  return spawnSync(process.execPath, source, { encoding: 'utf8' });
}

describe('machine import', () => {
  test('writes a machine, and says what was read, assumed and looks wrong, in 80 columns', () => {
    const path = join(samples, 'numactl-two-sockets-cxl.txt');
    const { status, stdout, stderr } = run('import', 'numactl', path, '--out', at('a.json'));
    expect([status, stderr]).toEqual([0, '']);
    expect(readMachineFile(at('a.json')).nodes).toHaveLength(4);
    const said = stdout.replaceAll(folder, '.');
    expect(said).toMatch(/^Wrote \.\/a\.json: machine imported, 2 sockets, 4 nodes,/);
    expect(said).toContain('\nRead: 4 nodes with memory, 2 with CPUs.\n\nAssumed:\n  - ');
    expect(said).toContain('\nLooks wrong:\n  - No bandwidth and no latency is in it');
    expect(said.split('\n').filter((line) => line.length > 80)).toEqual([]);
  });

  test('builds a machine up from several sources', () => {
    const parts = [
      ['cxl', 'cxl-list.json', '--onto', at('a.json'), '--out', at('b.json')],
      ['lscpu', 'lscpu-flat.json', '--onto', at('b.json'), '--out', at('b.json')],
    ];
    for (const [kind, sample, ...rest] of parts) {
      expect(run('import', kind, join(samples, sample), ...rest).stderr).toBe('');
    }
    const machine = readMachineFile(at('b.json'));
    expect(machine.nodes[3].capacity_bytes).toBe(2 ** 38);
    expect(machine.sockets[1]).toMatchObject({ cores: 8, threads: 16, clock_ghz: 2.1 });
  });

  test('prints one JSON document', () => {
    const path = join(samples, 'mlc-one-socket.txt');
    const { stdout } = run('import', 'mlc', path, '-o', at('c.json'), '--json', '--name', 'mine');
    const result = JSON.parse(stdout);
    expect(Object.keys(result)).toEqual(['file', 'machine', 'read', 'assumed', 'doubts', 'flags']);
    expect(result.machine).toEqual(JSON.parse(readFileSync(at('c.json'), 'utf8')));
    expect(result.machine.name).toBe('mine');
  });

  test('refuses in one line, and writes nothing', () => {
    const before = readdirSync(folder);
    writeFileSync(at('text.txt'), 'hello\n');
    for (const [args, code, message] of [
      [['mlc', at('text.txt'), '-o', at('d.json')], 1, 'nothing measured in it'],
      [['mlc', at('none.txt'), '-o', at('d.json')], 1, 'no such file'],
      [['mlc', at('text.txt'), '-o', at('text.txt')], 1, 'would overwrite what is read'],
      [['mlc', at('text.txt')], 2, "required option '-o, --out <file>'"],
      [['pcm', at('text.txt'), '-o', at('d.json')], 2, 'Allowed choices are sysfs, mlc, mess'],
      [['mlc', at('text.txt'), '-o', at('d.json'), '--cores', '0'], 2, 'whole number from 1'],
    ] as const) {
      const { status, stdout, stderr } = run('import', ...args);
      expect([status, stdout]).toEqual([code, '']);
      expect(stderr).toContain(message);
      expect(stderr.trimEnd().split('\n')).toHaveLength(1);
    }
    expect(readdirSync(folder)).toEqual([...before, 'text.txt'].sort());
    expect(existsSync(at('d.json'))).toBe(false);
  });

  test('tells its units in help', () => {
    const { stdout } = run('import', '--help');
    for (const unit of ['GHz', 'hardware threads a socket', 'lscpu -J', 'added to every latency'])
      expect(stdout.replace(/\s+/g, ' ')).toContain(unit);
  });
});

test('machine check warns of what cannot be true, and is content', () => {
  const machine = JSON.parse(readFileSync(at('c.json'), 'utf8'));
  machine.nodes[1].hmat = { read_mbps: 98304, write_mbps: 1000 };
  writeFileSync(at('e.json'), JSON.stringify(machine));
  const { status, stdout } = run('check', at('e.json'));
  expect(status).toBe(0);
  expect(stdout.replace(/\s+/g, ' ')).toContain(
    'e.json: warning: nodes[1].hmat.read_mbps: PCIe 5.0 x16 carries 64 GB/s a direction',
  );
  expect(run('check', at('c.json')).stdout).toBe(
    `${at('c.json')}: machine mine with 2 nodes is valid\n`,
  );
});
