/** What a server writes while it writes: server-sent events, of llama.cpp's own routes and of OpenAI's. */
import { ServedError } from './address';

export interface Piece {
  text: string;
  /** The model ended by itself. */
  ended: boolean;
}

/** No event of one token is longer. */
const LONGEST_LINE = 1_000_000;

/**
 * @throws ServedError where the server tells of a failure, or sends what is no event stream
 */
export async function* pieces(body: AsyncIterable<Uint8Array>, host: string): AsyncGenerator<Piece> {
  const decoder = new TextDecoder();
  let rest = '';
  for await (const chunk of body) {
    rest += decoder.decode(chunk, { stream: true });
    for (let end = rest.indexOf('\n'); end >= 0; end = rest.indexOf('\n')) {
      const line = rest.slice(0, end).trim();
      rest = rest.slice(end + 1);
      const piece = pieceOf(line, host);
      if (piece) yield piece;
    }
    if (rest.length > LONGEST_LINE) throw new ServedError(`${host} sends no event stream.`);
  }
  const piece = pieceOf(rest.trim(), host);
  if (piece) yield piece;
}

interface Event {
  /** llama.cpp's routes. */
  content?: unknown;
  stop?: unknown;
  stop_type?: unknown;
  /** OpenAI's. */
  choices?: { text?: unknown; finish_reason?: unknown }[];
  error?: { message?: unknown } | string;
}

/** Null of a line that tells nothing: blank, a comment, the end mark. */
function pieceOf(line: string, host: string): Piece | null {
  const data = line.startsWith('data:') ? line.slice('data:'.length).trim() : null;
  // llama.cpp tells of a failure in mid-stream as `error: {…}`.
  const failure = line.startsWith('error:') ? line.slice('error:'.length).trim() : null;
  if (data === '[DONE]' || (data === null && failure === null)) return null;
  let event: Event;
  try {
    event = JSON.parse(data ?? failure!) as Event;
  } catch {
    throw new ServedError(`${host} sends what is no JSON.`);
  }
  if (failure !== null || event.error !== undefined) {
    const { error = event } = event;
    const said = typeof error === 'string' ? error : (error as { message?: unknown }).message;
    throw new ServedError(`${host} failed: ${String(said ?? 'it does not say why').split('\n')[0]}.`);
  }
  const choice = Array.isArray(event.choices) ? event.choices[0] : undefined;
  const text = choice ? choice.text : event.content;
  const ended = choice ? choice.finish_reason === 'stop' : event.stop === true && event.stop_type !== 'limit';
  return { text: typeof text === 'string' ? text : '', ended };
}
