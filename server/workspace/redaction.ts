/** What must not reach the database: secrets, absolute paths, terminal escape codes. Runs before anything is stored. */

const SECRET = '[secret]';
/** Longest text a scan looks at: secrets are scanned for in prompts and capped outputs, never in whole logs. */
const SCAN_LIMIT = 200_000;

// biome-ignore lint/suspicious/noControlCharactersInRegex: escape codes are control characters
const ANSI = /\u001b\[[0-?]*[ -/]*[@-~]|\u001b\][^\u0007\u001b]*(?:\u0007|\u001b\\)|\u001b[ -/]*[0-Z\\^-~]/g;

/** Removes colours, cursor movements, hyperlinks and terminal modes; a line rewritten with carriage returns keeps its last state. */
export function stripAnsi(text: string): string {
  const plain = text.replace(ANSI, '');
  return plain.includes('\r') ? plain.split('\n').map(lastState).join('\n') : plain;
}

function lastState(line: string): string {
  let end = line.length;
  while (line[end - 1] === '\r') {
    end--;
  }
  return line.slice(line.lastIndexOf('\r', end - 1) + 1, end);
}

/**
 * Makes absolute paths workspace-relative, or `…/name` where they lie elsewhere. `folders` are absolute paths of the
 * workspace folders.
 */
export function shortenPaths(text: string, folders: readonly string[]): string {
  let out = text.replace(/file:\/\/(?=\/)/g, '');
  for (const folder of [...folders].sort((a, b) => b.length - a.length)) {
    const root = folder.replace(/[\\/]+$/, '');
    if (root.length > 1) {
      out = out.split(`${root}/`).join('').split(`${root}\\`).join('').split(root).join('.');
    }
  }
  out = out.replace(/(^|[\s"'`(<[=,:])(?:[A-Za-z]:)?(?:\\[\w .@+~$-]+){2,}/gm, (path, before: string) => {
    return `${before}…/${path.slice(path.lastIndexOf('\\') + 1)}`;
  });
  return out.replace(/(^|[\s"'`(<[=,:])(?:[A-Za-z]:)?(?:\/[\w.@+~$%-]+){2,}/gm, (path, before: string) => {
    return `${before}…/${path.slice(path.lastIndexOf('/') + 1)}`;
  });
}

interface Finding {
  start: number;
  end: number;
}

const NAMED =
  /\b([\w-]{0,40}(?:passw(?:or)?d|passphrase|secret|token|api[_-]?key|private[_-]?key|access[_-]?key|auth[_-]?key|credentials?))["']?\s*(?:[:=]|=>|:=)\s*(?:(["'`])([^"'`\s]{8,200})\2|([^\s"'`;,(){}]{12,200})(?=\s|$))/gi;
const URL_PASSWORD = /\b[a-z][a-z0-9+.-]{0,20}:\/\/[^\s:/@]+:([^\s:/@]{3,})@/gi;
const BEARER = /\b(?:bearer|basic)\s+([A-Za-z0-9+/_.~-]{20,}=*)/gi;
const PEM = /-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]*PRIVATE KEY-----|$)/g;
const LONG = /(["'`])([A-Za-z0-9+/_-]{32,200}={0,2})\1/g;

/** Key ids that are recognised by their looks and that secretlint leaves out by default. */
const KEY_IDS = /\b(?:(?:AKIA|ASIA)[A-Z0-9]{16}|AIza[\w-]{35})\b/g;

/** Bits per character. */
function entropy(text: string): number {
  const counts = new Map<string, number>();
  for (const c of text) {
    counts.set(c, (counts.get(c) ?? 0) + 1);
  }
  let bits = 0;
  for (const n of counts.values()) {
    bits -= (n / text.length) * Math.log2(n / text.length);
  }
  return bits;
}

/** A value that names a thing rather than being one: placeholders, identifiers, references to the environment. */
function harmless(value: string): boolean {
  return (
    /[$<>{}()]|env\b|example|changeme|placeholder|your[-_]|xxx|\*\*\*|^\w+(\.\w+)+$/i.test(value) ||
    !/\d/.test(value) ||
    entropy(value) < 2.5
  );
}

/** Patterns alone: microseconds, for every text. */
function quickFindings(text: string): Finding[] {
  const found: Finding[] = [];
  const add = (match: RegExpMatchArray, value: string) => {
    const start = match.index! + match[0].lastIndexOf(value);
    found.push({ start, end: start + value.length });
  };
  for (const match of text.matchAll(NAMED)) {
    const value = match[3] ?? match[4]!;
    const password = /passw|passphrase/i.test(match[1]!) && match[3] !== undefined && !/[$<{(]/.test(value);
    if (password ? !/^(password|changeme|example)/i.test(value) : !harmless(value)) {
      add(match, value);
    }
  }
  for (const pattern of [URL_PASSWORD, BEARER]) {
    for (const match of text.matchAll(pattern)) {
      if (!harmless(match[1]!) || (pattern === URL_PASSWORD && !/[$<{]/.test(match[1]!))) {
        add(match, match[1]!);
      }
    }
  }
  for (const pattern of [PEM, KEY_IDS]) {
    for (const match of text.matchAll(pattern)) {
      add(match, match[0]);
    }
  }
  for (const match of text.matchAll(LONG)) {
    const value = match[2]!;
    const mixed = /[a-z]/.test(value) && /[A-Z]/.test(value) && (value.match(/\d/g)?.length ?? 0) >= 3;
    if (mixed && entropy(value) >= 4.5 && !/^sha\d+-/.test(value)) {
      add(match, value);
    }
  }
  return found;
}

type Linter = (text: string) => Promise<Finding[]>;
let linter: Promise<Linter> | null = null;

/** secretlint's recommended rules; loaded once, on the first scan. */
async function loadLinter(): Promise<Linter> {
  const [{ lintSource }, { creator }] = await Promise.all([
    import('@secretlint/core'),
    import('@secretlint/secretlint-rule-preset-recommend'),
  ]);
  const config = { rules: [{ id: '@secretlint/secretlint-rule-preset-recommend', rule: creator }] };
  return async (text) => {
    const result = await lintSource({
      source: { filePath: 'text.txt', content: text, contentType: 'text' },
      options: { config, noPhysicFilePath: true },
    });
    return result.messages.map((message) => ({ start: message.range[0], end: message.range[1] }));
  };
}

/** Secrets in a text, as ranges. Text beyond 200,000 characters counts as one: it cannot be vouched for. */
export async function findSecrets(text: string): Promise<Finding[]> {
  const head = text.slice(0, SCAN_LIMIT);
  const found = quickFindings(head);
  linter ??= loadLinter();
  found.push(...(await (await linter)(head)));
  if (text.length > SCAN_LIMIT) {
    found.push({ start: SCAN_LIMIT, end: text.length });
  }
  return found;
}

/**
 * The text as it may be stored: no secrets, escape codes or absolute paths. `found` tells that there was a secret; a
 * completion whose prompt holds one is not stored at all.
 */
export async function redact(
  text: string,
  folders: readonly string[] = [],
): Promise<{ text: string; found: boolean }> {
  const plain = stripAnsi(text);
  const findings = (await findSecrets(plain)).sort((a, b) => a.start - b.start);
  let out = '';
  let at = 0;
  for (const { start, end } of findings) {
    if (end > at) {
      out += start >= at ? plain.slice(at, start) + SECRET : '';
      at = end;
    }
  }
  return { text: shortenPaths(out + plain.slice(at), folders), found: findings.length > 0 };
}

/** Whether a text holds a secret. */
export async function hasSecret(text: string): Promise<boolean> {
  return (await findSecrets(text)).length > 0;
}
