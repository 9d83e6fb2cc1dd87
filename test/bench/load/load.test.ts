import type { AddressInfo } from "node:net";
import { createServer, type Socket } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import { Load } from "../../../bench/load/load.ts";

const REQUEST = Buffer.from("GET / HTTP/1.1\r\nhost: x\r\n\r\n");
const OK = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok";

/** Load on a server that treats each request as told. */
async function against(answer: (socket: Socket, request: number) => void, connections: number): Promise<Load> {
  let requests = 0;
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket.on("data", () => answer(socket, requests++)).on("error", () => socket.destroy()));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const load = new Load((server.address() as AddressInfo).port, [REQUEST], connections);
  onTestFinished(() => {
    load.close();
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  await load.open();
  return load;
}

test("every request answered is counted, within the run entirely", async () => {
  let answered = 0;
  const load = await against((socket) => {
    answered++;
    socket.write(OK);
  }, 4);
  const first = await load.run(0.1);
  expect(first).toMatchObject({ requests: answered, failures: 0 });
  const second = await load.run(0.1);
  expect(second).toMatchObject({ requests: answered - first.requests, failures: 0 });
  expect(second.seconds).toBeGreaterThanOrEqual(0.1);
});

test("any status but 200 is a failure", async () => {
  const load = await against((socket, request) => socket.write(request % 2 === 0 ? OK : OK.replace("200", "503")), 1);
  const { requests, failures } = await load.run(0.1);
  expect(failures).toBe(Math.floor(requests / 2));
});

test("a connection that is closed instead of an answer is one failure, and is opened anew", async () => {
  const load = await against((socket, request) => (request === 3 ? socket.destroy() : socket.write(OK)), 1);
  const { requests, failures } = await load.run(0.2);
  expect(failures).toBe(1);
  expect(requests).toBeGreaterThan(4);
});

test("a response that comes in pieces is one answer", async () => {
  const load = await against((socket) => {
    socket.write(OK.slice(0, 20));
    setTimeout(() => socket.write(OK.slice(20)), 2);
  }, 1);
  expect(await load.run(0.1)).toMatchObject({ failures: 0 });
});
