/** From what the model writes to what is offered: where it ends, what the filters leave of it, and what of that parses. */
import type { Parser } from '@vscode/tree-sitter-wasm';
import { BracketCounter } from '../syntax/brackets';
import type { Grammars } from '../syntax/grammars';
import { lexisOf } from '../syntax/lexis';
import { longestParsing } from '../syntax/parse-check';
import { type Filtered, runFilters } from './filters/index';
import { repeatsAbove } from './filters/repeat-of-above';
import { repeatsBelow } from './filters/repeat-of-below';
import { completionOf, endOf, type StopRule, stopRule } from './stop';

/** Where a completion stands. Line breaks are LF. */
export interface OfferPlace {
  path: string;
  languageId: string;
  prefix: string;
  suffix: string;
  /** The cursor stands in a comment or the like: what is written there need not parse. */
  inText?: boolean;
  /** What else the model was shown, and other code at hand: names there exist. */
  nearby?: readonly string[];
}

/** The rules for one place, with its language's grammar where the product has one. */
export class OfferedText {
  private readonly rule: StopRule;

  private constructor(
    private readonly place: OfferPlace,
    private readonly parser: Parser | null,
  ) {
    const { path, languageId, prefix, suffix } = place;
    const counter = new BracketCounter(prefix, lexisOf(path, languageId, prefix), parser);
    this.rule = stopRule(prefix, suffix, counter);
  }

  static async at(place: OfferPlace, grammars: Grammars): Promise<OfferedText> {
    return new OfferedText(place, await grammars.parserFor(place.path, place.languageId));
  }

  /** Whether the completion has ended, so that the model need not write on. */
  isComplete(written: string): boolean {
    return endOf(written, this.rule) >= 0;
  }

  /**
   * The completion out of what was written, with LF.
   * @param ended the model gave a stop token
   */
  completionOf(written: string, ended: boolean): string {
    return completionOf(written.replaceAll('\r\n', '\n'), this.rule, ended);
  }

  /** Whether a completion says again what the lines around the cursor say: another one is worth a try. */
  isRepetition(completion: string): boolean {
    return repeatsBelow(completion, this.place) || repeatsAbove(completion, this.place);
  }

  /** What the filters leave of one line, whether or not it parses alone; null for nothing. */
  offeredLine(line: string): string | null {
    return runFilters(line, this.place).text;
  }

  /** What of a completion is offered, or why nothing is. */
  offered(completion: string): Filtered {
    const filtered = runFilters(completion, this.place);
    if (filtered.text === null || !this.parser || this.place.inText) return filtered;
    const parsing = longestParsing(this.parser, this.place, filtered.text);
    if (parsing === filtered.text) return filtered;
    if (parsing === null) return { text: null, why: NO_PARSE };
    // A part may repeat what the whole did not.
    const part = runFilters(parsing, this.place);
    return part.text === null ? { text: null, why: NO_PARSE } : part;
  }
}

const NO_PARSE = 'It would leave a syntax error.';
