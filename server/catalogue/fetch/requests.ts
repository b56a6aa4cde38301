/** Requests to a model hub, through the proxy that the environment names, and what its refusals mean. */
import { type Dispatcher, fetch, type Response } from 'undici';
import { innermostReason } from '../../base/errors';
import { ProxiedAgent } from '../../base/proxies';
import { ModelError } from '../../model/errors';
import type { Machine } from '../machine';

export interface Hub {
  /** Without a slash at its end. */
  endpoint: string;
  token?: string;
  /** Set where nothing may be fetched. */
  offline: boolean;
  /** Milliseconds before a request that failed is made again; doubled each time. */
  firstWait: number;
}

/** As `HF_ENDPOINT`, `HF_TOKEN` and `HF_HUB_OFFLINE` say. */
export function hubOf({ env }: Machine): Hub {
  const token = env.HF_TOKEN?.trim();
  return {
    endpoint: (env.HF_ENDPOINT?.trim() || 'https://huggingface.co').replace(/(?<!\/)\/+$/, ''),
    ...(token ? { token } : {}),
    offline: /^(1|true|yes|on)$/i.test(env.HF_HUB_OFFLINE?.trim() ?? ''),
    firstWait: 1000,
  };
}

/** A request that may succeed when it is made again. */
export class PassingError extends Error {
  override name = 'PassingError';

  /** @param wait milliseconds that the server asks for */
  constructor(
    message: string,
    readonly wait?: number,
  ) {
    super(message);
  }
}

let agent: Dispatcher | undefined;
/** Silence after which a connection counts as lost, in milliseconds. */
const silence = 60_000;

/**
 * Opens `url`. The token goes to the hub itself only, never where it sends the request on to.
 *
 * @param what is fetched, for messages
 * @throws ModelError for what will not change by asking again, PassingError for the rest
 */
export async function open(
  hub: Hub,
  url: string,
  what: string,
  options: { headers?: Record<string, string>; signal?: AbortSignal } = {},
): Promise<Response> {
  if (hub.offline)
    throw new ModelError(`${what} cannot be fetched: HF_HUB_OFFLINE is set; unset it to allow it.`);
  agent ??= new ProxiedAgent(process.env, { headersTimeout: silence, bodyTimeout: silence });
  const own = hub.token && new URL(url).origin === new URL(hub.endpoint).origin;
  let response: Response;
  try {
    response = await fetch(url, {
      dispatcher: agent,
      signal: options.signal,
      headers: {
        'user-agent': 'hindsight',
        // Lengths are those of the files only where nothing is packed.
        'accept-encoding': 'identity',
        ...(own ? { authorization: `Bearer ${hub.token}` } : {}),
        ...options.headers,
      },
    });
  } catch (error) {
    options.signal?.throwIfAborted();
    throw new PassingError(`${url} cannot be reached (${innermostReason(error)})`);
  }
  if (response.ok || response.status === 416) return response;
  await response.body?.cancel().catch(() => undefined);
  throw refusal(hub, response, what, url);
}

function refusal(hub: Hub, response: Response, what: string, url: string): Error {
  const { status, headers } = response;
  const code = headers.get('x-error-code');
  if (status === 401 || status === 403) {
    if (code === 'GatedRepo' || (status === 403 && hub.token))
      return new ModelError(
        `${what} is gated: accept its terms at ${pageOf(hub, url)} with your account, then set HF_TOKEN to a token of it.`,
      );
    return new ModelError(
      `${what} is not there or not for everyone (${status}): check its name, or set HF_TOKEN to a token that may read it.`,
    );
  }
  if (status === 404) return new ModelError(`${what} is not at ${url}: check its name.`);
  if (status === 429 || status >= 500) {
    const seconds = Number(headers.get('retry-after'));
    return new PassingError(
      `${url} answers ${status}`,
      Number.isFinite(seconds) && seconds > 0 ? 1000 * Math.min(seconds, 300) : undefined,
    );
  }
  return new ModelError(`${what} cannot be fetched: ${url} answers ${status}.`);
}

/** The page of the model that an address belongs to. */
function pageOf({ endpoint }: Hub, url: string): string {
  const path = url.slice(endpoint.length).replace(/^\/api\/models/, '');
  return endpoint + path.split('/').slice(0, 3).join('/');
}

/** Attempts without any progress before a download gives up for now. */
const attempts = 5;

/**
 * Makes `attempt` again while it fails in passing.
 *
 * @param progress a number that grows as something is done: the count of attempts begins anew then
 * @throws ModelError once nothing has come of several attempts
 */
export async function persistently<T>(
  hub: Hub,
  attempt: () => Promise<T>,
  signal: AbortSignal | undefined,
  progress: () => number = () => 0,
): Promise<T> {
  for (let failed = 0, last = progress(); ; ) {
    try {
      return await attempt();
    } catch (error) {
      signal?.throwIfAborted();
      if (!(error instanceof PassingError)) throw error;
      failed = progress() > last ? 1 : failed + 1;
      last = progress();
      if (failed >= attempts)
        throw new ModelError(
          `${error.message}: check the connection, HTTPS_PROXY and HF_ENDPOINT; what was fetched is kept for the next try.`,
        );
      await pause(error.wait ?? hub.firstWait * 2 ** (failed - 1), signal);
    }
  }
}

function pause(milliseconds: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const stop = () => {
      clearTimeout(timer);
      reject(signal!.reason as Error);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', stop);
      resolve();
    }, milliseconds);
    signal?.addEventListener('abort', stop, { once: true });
  });
}
