/** What must not reach the database: secrets, absolute paths, terminal escape codes. Runs before anything is stored or cut. */
import { yieldToEventLoop } from '../../base/event-loop';
import { stripAnsi } from '../../base/terminal-text';
import { drawnStrings } from './drawn';
import { type Detector, type Finding, merged } from './finding';
import { headerSecrets } from './headers';
import { privateKeys } from './key-blocks';
import { kubernetesSecrets } from './kubernetes';
import { namedValues } from './named-values';
import { shortenPaths } from './paths';
import { urlPasswords } from './urls';
import { vendorTokens } from './vendors';

export { stripAnsi } from '../../base/terminal-text';
export { shortenPaths } from './paths';

const SECRET = '[secret]';
/** Longest text a scan looks at: secrets are scanned for in prompts and capped outputs, never in whole logs. */
const SCAN_LIMIT = 200_000;
/** Work in one go before others get their turn, in ms. */
const SLICE_MS = 10;

const DETECTORS: readonly Detector[] = [
  vendorTokens,
  privateKeys,
  urlPasswords,
  headerSecrets,
  kubernetesSecrets,
  namedValues,
  drawnStrings,
];

/** Secrets in a text of any length, by our own rules. Takes some tens of ms for 200,000 characters, in one go. */
export function findSecretsNow(text: string): Finding[] {
  const found: Finding[] = [];
  for (const detector of DETECTORS) {
    for (const finding of detector(text)) {
      if (finding) found.push(finding);
    }
  }
  return merged(found);
}

/**
 * Secrets in a text, in order, as ranges that do not overlap. Text beyond 200,000 characters counts as one: it cannot be
 * vouched for. Never holds up the event loop for long.
 */
export async function findSecrets(text: string): Promise<Finding[]> {
  const head = text.slice(0, SCAN_LIMIT);
  const found: Finding[] = [];
  let since = performance.now();
  for (const detector of DETECTORS) {
    for (const finding of detector(head)) {
      if (finding) found.push(finding);
      if (performance.now() - since > SLICE_MS) {
        await yieldToEventLoop();
        since = performance.now();
      }
    }
  }
  if (text.length > SCAN_LIMIT) {
    found.push({ start: SCAN_LIMIT, end: text.length });
  }
  return merged(found);
}

/**
 * The text as it may be stored: no secrets, escape codes or absolute paths. `secrets` counts the places where there was one;
 * a completion whose prompt holds one is not stored at all.
 */
export async function redact(
  text: string,
  folders: readonly string[] = [],
): Promise<{ text: string; found: boolean; secrets: number }> {
  const plain = stripAnsi(text);
  const findings = await findSecrets(plain);
  const shortened = shortenPaths(without(plain, findings), folders);
  return { text: shortened, found: findings.length > 0, secrets: findings.length };
}

/** The text with a mark in place of each secret; of any length, at once. */
export function withoutSecrets(text: string): string {
  return without(text, findSecretsNow(text));
}

/** Both sides of a place without secrets. They are searched as one text: a secret may begin on one side and end on the other. */
export function sidesWithoutSecrets(before: string, after: string): [string, string] {
  const border = before.length;
  const findings = findSecretsNow(before + after);
  const left = findings
    .filter(({ start }) => start < border)
    .map(({ start, end }) => ({ start, end: Math.min(end, border) }));
  const right = findings
    .filter(({ end }) => end > border)
    .map(({ start, end }) => ({ start: Math.max(start, border) - border, end: end - border }));
  return [without(before, left), without(after, right)];
}

/** Whether a text holds a secret. */
export async function hasSecret(text: string): Promise<boolean> {
  return (await findSecrets(text)).length > 0;
}

/**
 * Whether a piece of a text holds a secret or a part of one. What stands before and behind it is looked at too: a key may begin
 * above a window and a password end below it.
 */
export async function holdsSecret(before: string, text: string, after: string): Promise<boolean> {
  const findings = await findSecrets(before + text + after);
  const end = before.length + text.length;
  return findings.some((finding) => finding.start < end && finding.end > before.length);
}

/** How far beyond a cut a secret may reach that begins before it, in characters. */
const BEYOND = 1_000;

/** The first `limit` characters; secrets are taken out before anything is cut off. A short text is left as it is. */
export function cutText(text: string, limit: number): string {
  return text.length <= limit ? text : withoutSecrets(text.slice(0, limit + BEYOND)).slice(0, limit);
}

function without(text: string, findings: readonly Finding[]): string {
  let out = '';
  let at = 0;
  for (const { start, end } of findings) {
    out += text.slice(at, start) + SECRET;
    at = end;
  }
  return out + text.slice(at);
}
