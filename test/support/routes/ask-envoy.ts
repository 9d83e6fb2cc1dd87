import { type ClientHttp2Session, connect as connectHttp2 } from "node:http2";
import { connect } from "node:net";
import type { RouteRequest } from "./arbitrary-requests.ts";
import { ROUTE_HEADER } from "./envoy-config.ts";

/** What Envoy did with a request: the route's name; none (404); or refused before it was routed. */
export type Choice = { readonly route: string } | "none" | "refused";

/** Connections at a time. One request each: Envoy 1.40 gives up a connection after two requests that came in one read. */
const CONNECTIONS = 16;

/** Asks Envoy about requests over HTTP/1.1, byte by byte as they are. The choices are in their order. */
export async function askHttp1(port: number, requests: readonly RouteRequest[]): Promise<readonly Choice[]> {
  const choices: Choice[] = [];
  const left = requests.entries();
  const work = async (): Promise<void> => {
    let connection: Connection | undefined;
    for (const [place, request] of left) {
      connection ??= new Connection(port);
      const choice = await connection.ask(request);
      choices[place] = choice;
      if (choice === "refused") connection = void connection.close();
    }
    connection?.close();
  };
  await Promise.all(Array.from({ length: CONNECTIONS }, work));
  return choices;
}

/** One connection, for as long as nothing is refused. */
class Connection {
  readonly #socket;
  #unread = "";
  #answer: (choice: Choice) => void = () => {};
  #fail: (cause: unknown) => void = () => {};

  constructor(port: number) {
    this.#socket = connect({ port, host: "127.0.0.1", noDelay: true }).setEncoding("latin1");
    this.#socket.on("data", (chunk: string) => this.#read(chunk));
    this.#socket.on("close", () => this.#answer("refused")); // without a word
    this.#socket.on("error", (cause: NodeJS.ErrnoException) => (cause.code === "ECONNRESET" ? undefined : this.#fail(cause)));
  }

  ask(request: RouteRequest): Promise<Choice> {
    const { promise, resolve, reject } = Promise.withResolvers<Choice>();
    this.#answer = resolve;
    this.#fail = reject;
    this.#socket.write(encode(request), "latin1");
    return promise;
  }

  close(): void {
    this.#socket.destroy();
  }

  /** Only a refusal has a body, and what follows it is of no interest. */
  #read(chunk: string): void {
    this.#unread += chunk;
    if (!this.#unread.includes("\r\n\r\n")) return;
    const head = this.#unread;
    this.#unread = "";
    const route = new RegExp(`^${ROUTE_HEADER}: (.*)\r$`, "m").exec(head)?.[1];
    const choice = choose(head.slice(9, 12), route);
    if (choice === undefined) this.#fail(new Error(`Envoy said something else: ${head}`));
    else this.#answer(choice);
  }
}

const encode = ({ method, path, authority, headers }: RouteRequest): string =>
  [`${method} ${path} HTTP/1.1`, `Host: ${authority}`, ...headers.map(([name, value]) => `${name}: ${value}`), "", ""].join("\r\n");

/** Asks over HTTP/2, which lets more bytes through; a connection for as long as nothing is refused. */
export async function askHttp2(port: number, requests: readonly RouteRequest[]): Promise<readonly Choice[]> {
  const choices: Choice[] = [];
  let session: ClientHttp2Session | undefined;
  for (const request of requests) {
    session ??= connectHttp2(`http://127.0.0.1:${port}`).on("error", () => {}); // the request it takes along is refused
    const choice = await askStream(session, request);
    choices.push(choice);
    if (choice === "refused") session = void session.destroy();
  }
  session?.destroy();
  return choices;
}

function askStream(session: ClientHttp2Session, { method, authority, path, headers }: RouteRequest): Promise<Choice> {
  const { promise, resolve, reject } = Promise.withResolvers<Choice>();
  const lines: Record<string, string | string[]> = { ":method": method, ":authority": authority, ":path": path };
  for (const [name, value] of headers) lines[name.toLowerCase()] = [...(lines[name.toLowerCase()] ?? []), value.trim()];
  const stream = session.request(lines, { endStream: true });
  stream.on("response", (head) => {
    const choice = choose(`${head[":status"]}`, head[ROUTE_HEADER] as string | undefined);
    if (choice === undefined) reject(new Error(`Envoy said something else: ${JSON.stringify(head)}`));
    else resolve(choice);
  });
  stream.on("error", () => resolve("refused")).on("close", () => resolve("refused"));
  return promise;
}

function choose(status: string, route: string | undefined): Choice | undefined {
  if (status === "404") return "none";
  if (status === "200" && route !== undefined) return { route };
  return status === "400" || status === "431" ? "refused" : undefined;
}
