import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { WEIGHT_HOMES } from '../models/mempolicy/weight-home.ts';

const pages = ['README.md', 'CONTRIBUTING.md', 'CHANGELOG.md', 'samples/README.md'].concat(
  readdirSync('docs')
    .filter((name) => name.endsWith('.md'))
    .map((name) => `docs/${name}`),
);

describe('the docs', () => {
  test('the examples of the library run', () => {
    const outputs = [
      /^recommended \d+:\d+\ntrue\n\[ 0, 1 \]\n$/,
      /^100 \[ \{ read_share: 1, gbps: 200 \} \]\ntrue\n$/,
      /^0 OK 1,0,1,0\n0,0,1,0,0,1\n$/,
    ];
    const examples = [...readFileSync('docs/api.md', 'utf8').matchAll(/```js\n([\s\S]*?)```/g)];
    expect(examples).toHaveLength(outputs.length);
    for (const [i, [, code]] of examples.entries()) {
      const module = ['--input-type=module', '--eval', code];
      const { status, stdout, stderr } = spawnSync(process.execPath, module, { encoding: 'utf8' });
      expect(stderr).toBe('');
      expect(stdout).toMatch(outputs[i]);
      expect(status).toBe(0);
    }
  });

  test('the examples of policy scripts print what they show', () => {
    const text = readFileSync('docs/policy-scripts.md', 'utf8');
    const examples = [...text.matchAll(/```sh\n([\s\S]*?)```\n\n```text\n([\s\S]*?)```/g)];
    expect(examples.length).toBe(4);
    for (const [, command, shown] of examples) {
      const script = `numaweave() { '${process.execPath}' dist/cli.js "$@"; }\n${command}`;
      const { stdout } = spawnSync('bash', ['-c', script], { encoding: 'utf8' });
      expect(stdout).toBe(shown);
    }
  });

  test.each(pages)('%s links to files that exist', (page) => {
    const targets = [...readFileSync(page, 'utf8').matchAll(/\]\((?!https?:)([^)#]+)/g)].map(
      (m) => m[1],
    );
    for (const target of targets)
      expect(existsSync(join(dirname(page), target)), target).toBe(true);
    expect(existsSync(page)).toBe(true);
  });

  test("the README's figures are what its command prints", () => {
    const { scripts } = JSON.parse(readFileSync('package.json', 'utf8'));
    const [program, ...args] = scripts.start.replace(/ --out \S+/, '').split(' ');
    expect(program).toBe('node');
    const { stdout } = spawnSync(process.execPath, args, { encoding: 'utf8' });
    const [, shown] =
      /```text\n(Recommended[\s\S]*?)```/.exec(readFileSync('README.md', 'utf8')) ?? [];
    for (const line of shown.split('\n')) expect(stdout).toContain(line);
  });

  test('every command of docs/weight-homes.md prints what the page shows', () => {
    const page = readFileSync('docs/weight-homes.md', 'utf8');
    const blocks = [...page.matchAll(/```console\n\$ npx numaweave (.*)\n([\s\S]*?)```/g)];
    expect(blocks.length).toBeGreaterThanOrEqual(9);
    for (const [, args, shown] of blocks) {
      const { stdout } = spawnSync(process.execPath, ['dist/cli.js', ...args.split(' ')], {
        encoding: 'utf8',
      });
      for (const line of shown.trimEnd().split('\n')) expect(stdout).toContain(line);
    }
    for (const home of WEIGHT_HOMES) expect(page).toContain(`| \`${home}\` |`);
  });

  test("the README's tree names every source file, and none that is gone", () => {
    const named = [
      ...readFileSync('README.md', 'utf8').matchAll(/^ *([\w./-]+\.(?:ts|json|c)) {2}/gm),
    ].map((m) => m[1]);
    const sources = ['traces', 'models', 'evaluator', 'reports', 'bench'].flatMap((folder) =>
      readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) =>
        /\.(ts|json|c)$/.test(name),
      ),
    );
    const base = (path: string) => path.split('/').at(-1) as string;
    const sorted = (names: readonly string[]) => [...new Set(names.map(base))].sort();
    expect(sorted(named)).toEqual(sorted([...sources, 'cli.ts', 'index.ts']));
  });
});
