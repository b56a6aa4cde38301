/** Requests to the server of a model. A key goes to that server only: redirects are not followed. */
import { Agent, type Dispatcher, fetch, type Response } from 'undici';
import { innermostReason } from '../../base/errors';
import { ProxiedAgent } from '../../base/proxies';
import { isLoopback, ServedError } from './address';

/** Silence after which a server counts as gone, in milliseconds: it may have to load the model first. */
const SILENCE_MS = 60_000;

let direct: Dispatcher | undefined;
let proxied: Dispatcher | undefined;

function dispatcherFor(base: URL): Dispatcher {
  const limits = { headersTimeout: SILENCE_MS, bodyTimeout: SILENCE_MS };
  if (isLoopback(base)) {
    direct ??= new Agent(limits);
    return direct;
  }
  proxied ??= new ProxiedAgent(process.env, limits);
  return proxied;
}

/**
 * @param body sent as JSON; a GET without it
 * @throws ServedError where nothing answers; whatever `signal` was aborted with. An answer of any status is returned.
 */
export async function ask(
  base: URL,
  url: string,
  key: string | null,
  options: { body?: object; signal?: AbortSignal } = {},
): Promise<Response> {
  const { body, signal } = options;
  try {
    return await fetch(url, {
      method: body ? 'POST' : 'GET',
      dispatcher: dispatcherFor(base),
      redirect: 'manual',
      signal,
      headers: {
        'user-agent': 'hindsight',
        ...(body ? { 'content-type': 'application/json' } : {}),
        ...(key ? { authorization: `Bearer ${key}` } : {}),
      },
      ...(body ? { body: JSON.stringify(body) } : {}),
    });
  } catch (error) {
    signal?.throwIfAborted();
    throw new ServedError(
      `${base.host} cannot be reached (${innermostReason(error)}): start the server, or change its address (setting hindsight.model.server).`,
    );
  }
}

/** What the refusal of a server means, in one sentence. */
export async function refusal(base: URL, response: Response, what: string): Promise<ServedError> {
  const { status } = response;
  const said = await messageOf(response);
  if (status === 401 || status === 403)
    return new ServedError(
      `${base.host} asks for another key (${status}): “Hindsight: Use a Model Server” asks you for it.`,
    );
  if (status === 404 || status === 405 || (status >= 300 && status < 400))
    return new ServedError(
      `${base.host} has no ${what} (${status}): it is no OpenAI-compatible server, or its address goes on behind the host.`,
    );
  return new ServedError(`${base.host} refuses (${status}${said ? `: ${said}` : ''}).`);
}

const LONGEST_MESSAGE = 200;

/** What a server says of its refusal; '' where that is no JSON. */
async function messageOf(response: Response): Promise<string> {
  try {
    const { error } = (await response.json()) as { error?: string | { message?: string } };
    const message = typeof error === 'string' ? error : error?.message;
    return (message ?? '').split('\n')[0]!.replace(/\.$/, '').slice(0, LONGEST_MESSAGE);
  } catch {
    return '';
  }
}
