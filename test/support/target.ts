import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";

/** A target whose state is the test's to change. */
export class TestTarget {
  readonly id: string;
  /** How late it answers, from now on. */
  delayMs = 0;
  served = 0;
  #port = 0;
  #server: Server | undefined;

  private constructor(id: string) {
    this.id = id;
  }

  /** Some targets on free loopback ports, all up. */
  static open(ids: readonly string[]): Promise<readonly TestTarget[]> {
    return Promise.all(
      ids.map(async (id) => {
        const target = new TestTarget(id);
        await target.up();
        return target;
      }),
    );
  }

  /** As an entry of `targets`. */
  get rules(): object {
    return { id: this.id, address: `127.0.0.1:${this.#port}` };
  }

  /** Listens, where it listened before. */
  async up(): Promise<void> {
    const server = createServer((request, response) => {
      request.resume().on("end", () => {
        this.served++;
        response.setHeader("x-served-by", this.id);
        setTimeout(() => response.end("ok\n"), this.delayMs);
      });
    });
    server.keepAliveTimeout = 0; // a connection closed while Envoy sends on it would fail that request
    await new Promise<void>((resolve, reject) => server.once("error", reject).listen(this.#port, "127.0.0.1", resolve));
    this.#port = (server.address() as AddressInfo).port;
    this.#server = server;
  }

  /** Refuses connections, and cuts those it has. */
  async down(): Promise<void> {
    const server = this.#server;
    this.#server = undefined;
    if (server === undefined) return;
    const closed = new Promise<void>((resolve) => server.close(() => resolve()));
    server.closeAllConnections();
    await closed;
  }
}
