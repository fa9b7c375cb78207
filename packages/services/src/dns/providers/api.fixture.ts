import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

export interface ApiRequest {
  method: string;
  /** With the query, decoded. */
  path: string;
  headers: Record<string, string | string[] | undefined>;
  /** Parsed when it is JSON. */
  body: unknown;
}

export interface ApiAnswer {
  status?: number;
  headers?: Record<string, string>;
  /** A text is sent as it is, everything else as JSON. */
  body?: unknown;
}

type Handler = (request: ApiRequest) => ApiAnswer | undefined;

/** A provider's HTTP side: answers as a test says and remembers what it was asked. */
export class TestApi {
  readonly requests: ApiRequest[] = [];
  #handler: Handler = () => undefined;
  readonly #server = createServer((request, response) => {
    void this.#serve(request, response);
  });

  async start(): Promise<string> {
    await new Promise<void>((resolve) => this.#server.listen(0, "127.0.0.1", resolve));
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  stop(): void {
    this.#server.closeAllConnections();
    this.#server.close();
  }

  /** What is asked and not answered by the handler is answered with 404. */
  answer(handler: Handler): void {
    this.requests.length = 0;
    this.#handler = handler;
  }

  /** "GET /path" -> answer. */
  answerByPath(answers: Record<string, unknown>): void {
    this.answer(({ method, path }) => {
      const body = answers[`${method} ${path}`];
      return body === undefined ? undefined : { body };
    });
  }

  /** The requests that change something, as "METHOD /path" with their bodies. */
  changes(): [string, unknown][] {
    return this.requests
      .filter(({ method }) => method !== "GET")
      .map(({ method, path, body }) => [`${method} ${path}`, body]);
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const text = Buffer.concat(chunks).toString("utf8");
    const isJson = request.headers["content-type"] === "application/json";
    const asked = {
      method: request.method ?? "",
      path: decodeURIComponent(request.url ?? ""),
      headers: request.headers,
      body: isJson ? JSON.parse(text) : text,
    };
    this.requests.push(asked);
    const { status = 200, headers = {}, body = "" } = this.#handler(asked) ?? { status: 404, body: {} };
    response.writeHead(status, headers).end(typeof body === "string" ? body : JSON.stringify(body));
  }
}
