/** Where the text would stand. Line breaks are LF. */
export interface FilterContext {
  /** Code before the cursor. */
  prefix: string;
  /** Code after the cursor. */
  suffix: string;
  /** They say which language it is: what its comments and strings look like. */
  path?: string;
  languageId?: string;
  /** What else the model was shown, and other files' code at hand: names there exist. */
  nearby?: readonly string[];
}

/** Takes a completion's text and returns what is left of it, or null where nothing should be shown. */
export type Filter = (text: string, context: FilterContext) => string | null;
