/** A hub on this machine, for tests: real HTTP, and as unreliable as a test asks. */
import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface HubFile {
  bytes: Buffer;
  /** Large files are known by their SHA-256. */
  large?: boolean;
}

/** What becomes of one request for a file. */
export type Answer = (request: IncomingMessage, response: ServerResponse, bytes: Buffer) => void;

export const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');
const gitHash = (bytes: Uint8Array) =>
  createHash('sha1').update(`blob ${bytes.length}\0`).update(bytes).digest('hex');

export const commit = 'c0ffee'.padEnd(40, '0');

export class HubServer {
  private readonly server: Server;
  readonly requests: { method: string; url: string; range?: string; authorization?: string }[] = [];
  /** Answers to the next requests for files, in order; without one a request is answered as it should be. */
  readonly answers: Answer[] = [];
  /** What the hub says of the repository; undefined where it knows nothing. */
  about: object | undefined = { sha: commit, cardData: { license: 'apache-2.0' } };
  /** Entries that the list of files has as well. */
  entries: object[] = [];
  pageSize = 100;
  /** Answers every request instead. */
  refuse: ((request: IncomingMessage, response: ServerResponse) => void) | undefined;

  constructor(readonly files: Record<string, HubFile>) {
    this.server = createServer((request, response) => this.answer(request, response));
  }

  async start(): Promise<string> {
    await new Promise<void>((resolve) => this.server.listen(0, '127.0.0.1', resolve));
    return this.endpoint;
  }

  get endpoint(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  /** Requests for the bytes of files. */
  get downloads() {
    return this.requests.filter(({ url }) => url.includes('/resolve/'));
  }

  private answer(request: IncomingMessage, response: ServerResponse): void {
    const url = request.url ?? '';
    this.requests.push({
      method: request.method ?? '',
      url,
      range: request.headers.range,
      authorization: request.headers.authorization,
    });
    if (this.refuse) {
      this.refuse(request, response);
      return;
    }
    const path = decodeURIComponent(new URL(url, this.endpoint).pathname);
    if (path.includes('/tree/')) {
      this.list(url, response);
      return;
    }
    if (path.includes('/revision/')) {
      if (this.about) json(response, this.about);
      else response.writeHead(404).end();
      return;
    }
    const [, name] = /\/resolve\/[^/]+\/(.+)$/.exec(path) ?? [];
    const file = name === undefined ? undefined : this.files[name];
    if (!file) return void response.writeHead(404).end();
    (this.answers.shift() ?? whole)(request, response, file.bytes);
  }

  private list(url: string, response: ServerResponse): void {
    const all = [
      ...Object.entries(this.files).map(([path, { bytes, large }]) => ({
        type: 'file',
        path,
        size: bytes.length,
        oid: gitHash(bytes),
        ...(large ? { lfs: { oid: sha256(bytes), size: bytes.length, pointerSize: 134 } } : {}),
      })),
      ...this.entries,
    ];
    const start = Number(new URL(url, this.endpoint).searchParams.get('cursor') ?? 0);
    const next = start + this.pageSize;
    if (next < all.length) {
      const target = new URL(url, this.endpoint);
      target.searchParams.set('cursor', String(next));
      response.setHeader('link', `<${target.href}>; rel="next"`);
    }
    json(response, all.slice(start, next));
  }
}

function json(response: ServerResponse, value: object): void {
  response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(value));
}

/** The file, or the part that was asked for. */
export const whole: Answer = (request, response, bytes) => {
  const [, from] = /^bytes=(\d+)-$/.exec(request.headers.range ?? '') ?? [];
  if (from === undefined) return void response.writeHead(200, { 'content-length': bytes.length }).end(bytes);
  const start = Number(from);
  if (start >= bytes.length)
    return void response.writeHead(416, { 'content-range': `bytes */${bytes.length}` }).end();
  response
    .writeHead(206, {
      'content-length': bytes.length - start,
      'content-range': `bytes ${start}-${bytes.length - 1}/${bytes.length}`,
    })
    .end(bytes.subarray(start));
};

/** Breaks the connection after so many bytes of what was asked for. */
export const cutAfter =
  (count: number): Answer =>
  (request, response, bytes) => {
    const start = Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1] ?? 0);
    response.writeHead(start > 0 ? 206 : 200, {
      'content-length': bytes.length - start,
      ...(start > 0 ? { 'content-range': `bytes ${start}-${bytes.length - 1}/${bytes.length}` } : {}),
    });
    response.write(bytes.subarray(start, start + count), () => setTimeout(() => response.destroy(), 20));
  };

/** Gives the whole file whatever is asked for. */
export const ignoringRange: Answer = (_request, response, bytes) =>
  void response.writeHead(200, { 'content-length': bytes.length }).end(bytes);

export const status =
  (code: number, headers: Record<string, string> = {}): Answer =>
  (_request, response) =>
    void response.writeHead(code, headers).end();
