/** Every regular expression of the product: literals by its syntax trees, and those that it builds by making it build them. */
import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { parseSync } from '@swc/core';
import { root } from '../build';
import { builtPatterns } from './built';

export interface Pattern {
  /** File and line, or what builds it. */
  where: string;
  source: string;
  flags: string;
}

/** What runs on developers' machines; benchmarks are not shipped. */
const FOLDERS = ['server', 'extension'];
const LEFT_OUT = join('server', 'bench');

/** @throws Error where a place that builds patterns was not made to build one */
export function productPatterns(): Pattern[] {
  const built = builtPatterns();
  const found: Pattern[] = built.map(({ file, source, flags }) => ({ where: file, source, flags }));
  const wrong: string[] = [];
  for (const file of FOLDERS.flatMap((folder) => [...sourcesBelow(join(root, folder))])) {
    const name = relative(root, file).replaceAll('\\', '/');
    const { literals, places } = patternsIn(readFileSync(file, 'utf8'), name);
    found.push(...literals);
    const known = new Set(built.filter((one) => one.file === name).map(({ place }) => place)).size;
    if (places !== known)
      wrong.push(`${name} builds patterns in ${places} places; scripts/patterns/built.ts reaches ${known}.`);
  }
  if (wrong.length > 0) throw new Error(wrong.join('\n'));
  return unique(found);
}

/** Literals, and how many places call RegExp. */
export function patternsIn(text: string, name: string): { literals: Pattern[]; places: number } {
  const literals: Pattern[] = [];
  let places = 0;
  const module = parseSync(text, { syntax: 'typescript', tsx: false, target: 'es2022' });
  const visit = (node: unknown): void => {
    if (Array.isArray(node)) node.forEach(visit);
    if (node === null || typeof node !== 'object' || Array.isArray(node)) return;
    const { type, ...rest } = node as Record<string, unknown> & { type?: string };
    if (type === 'RegExpLiteral') {
      const { pattern, flags } = rest as { pattern: string; flags: string };
      literals.push({ where: name, source: pattern, flags });
    }
    if ((type === 'NewExpression' || type === 'CallExpression') && isRegExp(rest.callee)) places++;
    Object.values(rest).forEach(visit);
  };
  visit(module.body);
  const lines = text.split('\n');
  for (const one of literals) {
    const line = lines.findIndex((each) => each.includes(`/${one.source}/${one.flags}`));
    one.where = `${name}:${line + 1}`;
  }
  return { literals, places };
}

function isRegExp(callee: unknown): boolean {
  const { type, value } = callee as { type?: string; value?: string };
  return type === 'Identifier' && value === 'RegExp';
}

function* sourcesBelow(folder: string): Iterable<string> {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (relative(root, path) === LEFT_OUT) continue;
    if (entry.isDirectory()) yield* sourcesBelow(path);
    else if (entry.name.endsWith('.ts')) yield path;
  }
}

function unique(patterns: readonly Pattern[]): Pattern[] {
  return [...new Map(patterns.map((one) => [`${one.flags}/${one.source}`, one])).values()];
}
