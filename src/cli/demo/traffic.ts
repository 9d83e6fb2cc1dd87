import { Agent, type IncomingMessage, request } from "node:http";

/** One request to send through Envoy. */
export interface Shot {
  readonly path?: string;
  readonly method?: string;
  readonly body?: string; // byte string
  readonly headers?: Readonly<Record<string, string | string[]>>;
}

/** What came of it; `failure` when no response came at all. */
export interface Hit {
  readonly status: number; // 0: no response
  readonly servedBy: string | undefined; // the target that answered, by its own word
  readonly body: string;
  readonly failure: string | undefined;
}

/** A client with a bounded number of connections that are kept open. */
export class Client {
  readonly #agent: Agent;
  readonly #port: number;

  constructor(port: number, connections: number) {
    this.#port = port;
    this.#agent = new Agent({ keepAlive: true, maxSockets: connections });
  }

  /** Sends one request to loopback. Never rejects. */
  send({ path = "/", method = "GET", headers = {}, body }: Shot): Promise<Hit> {
    return new Promise((resolve) => {
      const fail = (error: Error): void => resolve({ status: 0, servedBy: undefined, body: "", failure: error.message });
      const options = { agent: this.#agent, host: "127.0.0.1", port: this.#port, path, method, headers: { ...headers } };
      request(options, (response) => collect(response).then(resolve, fail))
        .once("error", fail)
        .end(body, "latin1");
    });
  }

  /** Sends all of them, as many at a time as there are connections, and hands each result over as it comes. */
  async sendAll<S extends Shot>(shots: Iterable<S>, onHit: (hit: Hit, shot: S) => void): Promise<void> {
    const queue = shots[Symbol.iterator]();
    const worker = async (): Promise<void> => {
      for (let next = queue.next(); next.done !== true; next = queue.next()) onHit(await this.send(next.value), next.value);
    };
    await Promise.all(Array.from({ length: this.#agent.maxSockets }, worker));
  }

  close(): void {
    this.#agent.destroy();
  }
}

async function collect(response: IncomingMessage): Promise<Hit> {
  let body = "";
  for await (const chunk of response.setEncoding("latin1")) body += chunk;
  const servedBy = response.headers["x-served-by"];
  return { status: response.statusCode ?? 0, servedBy: typeof servedBy === "string" ? servedBy : undefined, body, failure: undefined };
}
