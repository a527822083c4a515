// npm run new:step <name>: a step kind that runs, in the table, with a test and a docs page. Run it in the project folder.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

const [name = ''] = process.argv.slice(2);
const identifier = name.replace(/-(.)/g, (_, letter) => letter.toUpperCase());
const table = join('src', 'suite', 'steps', 'index.ts');
const files = {
  [join('src', 'suite', 'steps', `${name}.ts`)]: stepFile(),
  [join('test', 'suite', 'steps', `${name}.test.ts`)]: testFile(),
  [join('docs', 'steps', `${name}.md`)]: docsFile(),
};

const refusal = whyNot();
if (refusal !== undefined) {
  console.error(refusal);
  process.exit(2);
}
for (const [file, text] of Object.entries(files)) {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
}
writeFileSync(table, withRow(readFileSync(table, 'utf8')));
console.log(`${[...Object.keys(files), table].map((file) => `wrote ${file}`).join('\n')}

next: say in ${Object.keys(files)[0]} what the step does, then
  npx vitest run test/suite/steps/${name}.test.ts
  npm run schemas && npm run check`);

function whyNot() {
  if (!/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/.test(name))
    return 'usage: npm run new:step <name>, such as `mail` or `wait-for`: small letters, digits and hyphens';
  if (!existsSync(table)) return `there is no ${table} here: run this in the project folder`;
  const there = Object.keys(files).find((file) => existsSync(file));
  return there === undefined ? undefined : `${there} is already there`;
}

/** Adds the import, in alphabetical order, and the entry at the end of the table. */
function withRow(text) {
  const line = `import { ${identifier} } from './${name}.ts';`;
  const imports = [...text.matchAll(/^import \{ .* \} from '\.\/.*';$/gm)].map(([found]) => found);
  const path = (found) => found.slice(found.indexOf("'"));
  const sorted = [...imports, line].sort((a, b) => (path(a) < path(b) ? -1 : 1));
  return text
    .replace(imports.join('\n'), sorted.join('\n'))
    .replace(/(export const stepKinds: readonly StepKind\[\] = \[)([^\]]*?),?\s*\];/, (_, start, entries) => {
      const all = [...entries.split(',').map((entry) => entry.trim()), identifier];
      const short = `${start}${all.join(', ')}];`;
      return short.length <= 110 ? short : `${start}\n${all.map((entry) => `  ${entry},\n`).join('')}];`;
    });
}

function stepFile() {
  return `import type { Path } from '../../source/index.ts';
import { type CompileContext, templateAt } from '../compile-context.ts';
import type { RawStep } from '../file.ts';
import { StepFailure } from '../step-failure.ts';
import type { StepKind } from '../step-kind.ts';

/** Fails when its text is empty. */
export const ${identifier}: StepKind = {
  name: '${name}',
  markers: ['${name}'],
  keys: {
    ${property()}: { type: 'string', minLength: 1, description: 'a text that is not empty' },
  },
  compile: compile${identifier[0]?.toUpperCase()}${identifier.slice(1)},
};

function compile${identifier[0]?.toUpperCase()}${identifier.slice(1)}(raw: RawStep, path: Path, context: CompileContext) {
  const { document } = context;
  const text = templateAt(context, [...path, '${name}'], raw['${name}']);
  const place = document.placeOf([...path, '${name}']);
  return {
    title: \`${name} \${String(raw['${name}'])}\`,
    run: async (run) => {
      if (text(run) === '') throw new StepFailure({ message: 'the text is empty', document, place });
    },
  } satisfies ReturnType<StepKind['compile']>;
}
`;
}

function property() {
  return name.includes('-') ? `'${name}'` : name;
}

function testFile() {
  return `import { describe, expect, it } from 'vitest';
import { runYaml } from '../run-yaml.ts';

const suite = (value: string) => \`
suite: S
tests:
  - test: t
    steps: [{ ${name}: "\${value}" }]
\`;

describe('the step ${name}', () => {
  it('passes when its text is there', async () => {
    const { tests } = await runYaml(suite("\${'a' + 'b'}"));
    expect(tests[0]).toMatchObject({ outcome: 'passed' });
  });

  it('fails at its place when its text is empty', async () => {
    const { tests } = await runYaml(suite("\${''}"));
    expect(tests[0]?.failures).toMatchObject([
      { step: "${name} \${''}", message: 'the text is empty', place: { line: 5 } },
    ]);
  });
});
`;
}

function docsFile() {
  return `# Step: \`${name}\`

\`\`\`yaml
- ${name}: some text
\`\`\`

Fails when its text is empty.
`;
}
