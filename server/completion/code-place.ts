import { aroundWindow, type CodeWindow, codeWindow } from './window';

/** A place in a document as the model sees it: with LF, and cut to the window around it. */
export interface CodePlace extends CodeWindow {
  /** UTF-16 offset of the cursor in the document with LF. */
  offset: number;
  /** What lies around the window: draft tokens are copied from it. */
  around: string[];
  /** A text for this place with the document's own line breaks. */
  restore(text: string): string;
}

/** @param offset UTF-16 offset of the cursor in `text` */
export function codePlace(text: string, offset: number): CodePlace {
  const isCrlf = text.includes('\r\n');
  const before = withLineFeeds(text.slice(0, offset));
  const code = isCrlf ? before + withLineFeeds(text.slice(offset)) : text;
  const window = codeWindow(code, before.length);
  return {
    ...window,
    offset: before.length,
    around: aroundWindow(code, before.length, window),
    restore: (written) => (isCrlf ? written.replaceAll('\n', '\r\n') : written),
  };
}

const withLineFeeds = (text: string): string => text.replaceAll('\r\n', '\n');
