/** An HTTP server that speaks as OpenAI's and llama.cpp's do, and notes what it was sent. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Received {
  url: string;
  body: Record<string, unknown>;
  authorization: string | undefined;
}

export interface Script {
  models?: string[];
  /** Where it is missing, there is no such route. */
  infill?: (body: Record<string, unknown>) => string[];
  completions?: (body: Record<string, unknown>) => string[];
  key?: string;
  /** Milliseconds before each piece. */
  slow?: number;
  /** Answers instead of all that. */
  instead?: (request: IncomingMessage, response: ServerResponse) => void;
}

export class ScriptedServer {
  readonly received: Received[] = [];
  /** Answers that the client did not wait for. */
  broken = 0;

  private constructor(
    private readonly server: Server,
    public script: Script,
  ) {}

  static async start(script: Script): Promise<ScriptedServer> {
    const server = createServer((request, response) => void made.answer(request, response));
    const made = new ScriptedServer(server, script);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return made;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  get host(): string {
    return new URL(this.url).host;
  }

  /** The last question for a completion. */
  get question(): Record<string, unknown> {
    return this.received.at(-1)!.body;
  }

  private async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { script } = this;
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const body = chunks.length > 0 ? JSON.parse(Buffer.concat(chunks).toString()) : {};
    const { url = '', headers } = request;
    this.received.push({ url, body, authorization: headers.authorization });
    if (script.instead) return script.instead(request, response);
    if (script.key && headers.authorization !== `Bearer ${script.key}`)
      return json(response, 401, { error: { message: 'Invalid API Key' } });
    if (url === '/v1/models')
      return json(response, 200, { data: (script.models ?? ['small']).map((id) => ({ id })) });
    if (url === '/infill' && script.infill) {
      const texts = script.infill(body);
      if (!body.stream) return json(response, 200, { content: texts.join(''), stop: true });
      return this.stream(response, texts, (text, last) => ({ content: text, stop: last }));
    }
    if (url === '/v1/completions' && script.completions)
      return this.stream(response, script.completions(body), (text, last) => ({
        choices: [{ text, finish_reason: last ? 'stop' : null }],
      }));
    json(response, 404, { error: { message: 'File Not Found' } });
  }

  private async stream(
    response: ServerResponse,
    texts: string[],
    event: (text: string, last: boolean) => object,
  ): Promise<void> {
    let open = true;
    response.on('close', () => {
      open = false;
      if (!response.writableEnded) this.broken++;
    });
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    for (const text of texts) {
      if (this.script.slow) await new Promise((resolve) => setTimeout(resolve, this.script.slow));
      if (!open) return;
      response.write(`data: ${JSON.stringify(event(text, false))}\n\n`);
    }
    response.end(`data: ${JSON.stringify(event('', true))}\n\ndata: [DONE]\n\n`);
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }
}

function json(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(JSON.stringify(body));
}
