/** Which proxy a request goes through: `HTTPS_PROXY`, `HTTP_PROXY` and `NO_PROXY`, in capitals or not, as curl reads them. */
import { Agent, Dispatcher, ProxyAgent } from 'undici';

/** The proxy for an origin such as `https://host:port`; undefined where there is none. */
export function proxyFor(origin: string, env: NodeJS.ProcessEnv): string | undefined {
  const { protocol, hostname, port } = new URL(origin);
  const get = (name: string) => env[name]?.trim() || env[name.toUpperCase()]?.trim() || undefined;
  const excepted = (get('no_proxy') ?? '').split(/[\s,]+/).some((entry) => {
    if (entry === '*') return true;
    const [host, only] = entry
      .replace(/^\*?\./, '')
      .toLowerCase()
      .split(':');
    const standard = protocol === 'https:' ? '443' : '80';
    if (!host || (only !== undefined && only !== (port || standard))) return false;
    return hostname === host || hostname.endsWith(`.${host}`);
  });
  const proxy = get(protocol === 'https:' ? 'https_proxy' : 'http_proxy');
  if (excepted || proxy === undefined) return undefined;
  return /^[a-z]+:\/\//i.test(proxy) ? proxy : `http://${proxy}`;
}

/** Sends each request the way its origin wants it: a hub sends downloads on to other hosts. */
export class ProxiedAgent extends Dispatcher {
  private readonly agents = new Map<string | undefined, Dispatcher>();

  constructor(
    private readonly env: NodeJS.ProcessEnv,
    private readonly options: Agent.Options,
  ) {
    super();
  }

  override dispatch(request: Dispatcher.DispatchOptions, handler: Dispatcher.DispatchHandlers): boolean {
    const proxy = proxyFor(String(request.origin), this.env);
    let agent = this.agents.get(proxy);
    if (!agent) {
      agent = proxy === undefined ? new Agent(this.options) : new ProxyAgent({ ...this.options, uri: proxy });
      this.agents.set(proxy, agent);
    }
    return agent.dispatch(request, handler);
  }
}
