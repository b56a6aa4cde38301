/** Spans over random edits: what holds whatever is done to a document. */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { LostTexts } from '../../../../server/capture/tracking/lost-texts';
import { lineBreaksIn, makeSpan } from '../../../../server/capture/tracking/spans';
import { type ContentChange, TrackedDocument } from '../../../../server/capture/tracking/tracked-document';

function position(text: string, offset: number) {
  const lines = text.slice(0, offset).split('\n');
  return { line: lines.length - 1, character: lines[lines.length - 1]!.length };
}

interface Piece {
  from: number;
  to: number;
  text: string;
}

/** One change that replaces `[from, to)` of `now`. */
function changeOf(now: string, { from, to, text }: Piece): ContentChange {
  return { range: { start: position(now, from), end: position(now, to) }, text };
}

/** The least change that makes `after` of `before`, as editors send it. */
function leastChange(before: string, after: string): Piece {
  let head = 0;
  while (head < Math.min(before.length, after.length) && before[head] === after[head]) head++;
  let tail = 0;
  while (
    tail < Math.min(before.length, after.length) - head &&
    before[before.length - 1 - tail] === after[after.length - 1 - tail]
  )
    tail++;
  return { from: head, to: before.length - tail, text: after.slice(head, after.length - tail) };
}

const word = fc.stringMatching(/^[a-c]{1,3}$/);
/** Lines of code that are often alike in part, never in whole. */
const lines = fc
  .uniqueArray(fc.tuple(fc.constantFrom('', '  ', '    '), word, word), {
    minLength: 3,
    maxLength: 12,
    selector: ([, a, b]) => `${a}(${b});`,
  })
  .map((list) => list.map(([indent, a, b]) => `${indent}${a}(${b});`));
const share = fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true });

function track(document: TrackedDocument, start: number, end: number) {
  const span = makeSpan(start, end, lineBreaksIn(document.text.slice(start, end)));
  document.track(span);
  return span;
}

describe('spans over random edits', () => {
  it('keep their text through any new order of the lines, however the editor says it', () => {
    fc.assert(
      fc.property(
        lines,
        share,
        share,
        fc.array(share, { minLength: 12, maxLength: 12 }),
        fc.constantFrom('whole', 'least', 'lines', 'crlf'),
        (list, where, part, order, how) => {
          const newline = how === 'crlf' ? '\r\n' : '\n';
          const text = list.join(newline);
          const own = Math.floor(where * list.length);
          const line = list[own]!;
          const begin = text.indexOf(line === line.trimStart() ? line : line.trimStart());
          const trimmed = line.trimStart();
          const cut = Math.floor(part * (trimmed.length - 1));
          // A part of the line, to its end.
          const document = new TrackedDocument('file:///a', 'plaintext', 1, text);
          const at = list.slice(0, own).reduce((sum, one) => sum + one.length + newline.length, 0);
          const start = at + (line.length - trimmed.length) + cut;
          const span = track(document, start, at + line.length);
          const before = document.textOf(span);
          const shuffled = [...list.keys()].sort((a, b) => order[a]! - order[b]!).map((i) => list[i]!);
          const after = shuffled.join(newline);
          const piece =
            how === 'least' || how === 'crlf'
              ? leastChange(text, after)
              : { from: 0, to: text.length, text: after };
          const changes = how === 'whole' ? [{ text: after }] : [changeOf(text, piece)];
          const changed = document.change(changes, 2, 0);
          assert.equal(document.text, after);
          assert.equal(document.textOf(span), before, `${begin}`);
          assert.equal(changed.spans.has(span), false);
          // It stands in its own line, not in one that ends alike.
          const lineNow = after.slice(after.lastIndexOf('\n', span.start - 1) + 1).split(/\r?\n/)[0];
          assert.equal(lineNow!.trim(), line.trim());
        },
      ),
      { numRuns: 2_000 },
    );
  });

  const pieces = fc.array(fc.tuple(share, fc.nat(20), fc.stringMatching(/^[x\n]{0,6}$/)), {
    minLength: 1,
    maxLength: 12,
  });

  it('are what they were when everything is undone, and what they became when it is redone', () => {
    fc.assert(
      fc.property(lines, share, share, pieces, (list, from, to, edits) => {
        const document = new TrackedDocument('file:///a', 'plaintext', 1, list.join('\n'));
        const bounds = [from, to].map((one) => Math.floor(one * document.text.length)).sort((a, b) => a - b);
        const span = track(document, bounds[0]!, Math.max(bounds[1]!, bounds[0]! + 1));
        const seen: { text: string; own: string }[] = [];
        const undo: Piece[] = [];
        const redo: Piece[] = [];
        let version = 1;
        const apply = (piece: Piece) => {
          document.change([changeOf(document.text, piece)], ++version, 0);
        };
        for (const [where, remove, text] of edits) {
          const now = document.text;
          const start = Math.floor(where * now.length);
          const end = Math.min(now.length, start + remove);
          seen.push({ text: now, own: document.textOf(span) });
          redo.push({ from: start, to: end, text });
          undo.push({ from: start, to: start + text.length, text: now.slice(start, end) });
          apply(redo.at(-1)!);
        }
        // An edit that brings back an earlier text is taken for an undo: which of the two states is meant the text does not tell.
        const texts = new Set([...seen.map((one) => one.text), document.text]);
        if (texts.size <= seen.length) return;
        const last = document.textOf(span);
        for (let i = undo.length - 1; i >= 0; i--) {
          apply(undo[i]!);
          assert.equal(document.text, seen[i]!.text);
          // A text that was gone then may be looked for meanwhile; one that stood there is what it was.
          if (seen[i]!.own !== '') assert.equal(document.textOf(span), seen[i]!.own);
        }
        for (const piece of redo) apply(piece);
        if (last !== '') assert.equal(document.textOf(span), last);
      }),
      { numRuns: 1_000 },
    );
  });

  it('go with lines that are cut here and pasted into any document, indented anew or not', () => {
    fc.assert(
      fc.property(
        lines,
        lines,
        share,
        share,
        fc.boolean(),
        fc.boolean(),
        (list, other, where, to, same, deeper) => {
          const lost = new LostTexts();
          const home = new TrackedDocument('file:///a', 'plaintext', 1, `${list.join('\n')}\n`, lost);
          const away = same
            ? home
            : new TrackedDocument('file:///b', 'plaintext', 1, `${other.join('\n')}\n`, lost);
          const own = Math.floor(where * list.length);
          const line = list[own]!;
          fc.pre(same || !other.some((one) => one.trim() === line.trim()));
          const at = list.slice(0, own).reduce((sum, one) => sum + one.length + 1, 0);
          const span = track(home, at + (line.length - line.trimStart().length), at + line.length);
          const text = home.textOf(span);
          home.change([changeOf(home.text, { from: at, to: at + line.length + 1, text: '' })], 2, 0);
          assert.equal(home.textOf(span), '');
          const target = away.text.split('\n').slice(0, -1);
          const row = Math.floor(to * (target.length + 1));
          const offset = target.slice(0, row).reduce((sum, one) => sum + one.length + 1, 0);
          const pasted = deeper ? `      ${line.trim()}\n` : `${line}\n`;
          const { found } = away.change(
            [changeOf(away.text, { from: offset, to: offset, text: pasted })],
            3,
            1_000,
          );
          assert.equal(away.textOf(span), text);
          assert.equal(found.includes(span), true);
        },
      ),
      { numRuns: 1_000 },
    );
  });

  it('stay within the document, and cost little, whatever comes in one message', () => {
    fc.assert(
      fc.property(
        lines,
        fc.array(fc.tuple(share, share, word), { minLength: 1, maxLength: 6 }),
        (list, edits) => {
          const document = new TrackedDocument('file:///a', 'plaintext', 1, list.join('\n'));
          const spans = [0, 5, 9].map((start) => track(document, start, start + 4));
          let now = document.text;
          const changes = edits.map(([a, b, text]) => {
            const [from, to] = [a, b].map((one) => Math.floor(one * now.length)).sort((x, y) => x - y) as [
              number,
              number,
            ];
            const change = changeOf(now, { from, to, text });
            now = now.slice(0, from) + text + now.slice(to);
            return change;
          });
          const before = spans.map((span) => document.textOf(span));
          const { spans: changed } = document.change(changes, 2, 0);
          assert.equal(document.text, now);
          for (const [i, span] of spans.entries()) {
            assert.ok(span.start >= 0 && span.start <= span.end && span.end <= now.length);
            assert.equal(changed.has(span), document.textOf(span) !== before[i]);
            assert.equal(changed.get(span)?.text ?? before[i], before[i]);
          }
        },
      ),
      { numRuns: 1_000 },
    );
  });
});
