import { create, fromBinary, type MessageInitShape, toBinary } from "@bufbuild/protobuf";
import { type ChannelCredentials, Client, credentials } from "@grpc/grpc-js";
import { toDisplay } from "../core/bytes.ts";
import { PROCESS_PATH } from "../wire/ext-proc.ts";
import {
  ProcessingRequestSchema,
  type ProcessingResponse,
  ProcessingResponseSchema,
} from "../wire/gen/envoy/service/ext_proc/v3/external_processor_pb.ts";
import { decodeHealthCheckResponse, encodeHealthCheckRequest, HEALTH_CHECK_PATH, type Serving } from "../wire/health.ts";
import { UserError } from "./user-error.ts";

/** What a running riffle answered, as far as Envoy would act on it. */
export interface LiveAnswer {
  readonly health: Serving;
  readonly refused: { readonly status: number; readonly details: string } | undefined;
  readonly set: Readonly<Record<string, string>>;
  readonly removed: readonly string[];
  readonly clearsRouteCache: boolean;
}

const DEADLINE_MS = 5_000;
const asIs = (bytes: Buffer): Buffer => bytes;

/** What to reach a TLS listener with, in PEM. */
export interface LiveTls {
  readonly ca: Buffer;
  readonly own: { readonly cert: Buffer; readonly key: Buffer } | undefined;
}

export interface LiveQuestion {
  readonly target: string; // host:port or unix:path
  readonly tls: LiveTls | undefined; // undefined: a plain connection
  readonly lines: readonly (readonly [name: string, value: string])[]; // of the request to ask about
}

/** Asks a running riffle as Envoy would. Rejects with UserError when it does not answer. */
export async function askLive({ target, tls, lines }: LiveQuestion): Promise<LiveAnswer> {
  const client = new Client(target, toCredentials(tls));
  try {
    const health = decodeHealthCheckResponse(await unary(client, HEALTH_CHECK_PATH, encodeHealthCheckRequest("")));
    const reply = await firstReply(client, toBinary(ProcessingRequestSchema, create(ProcessingRequestSchema, requestOf(lines))));
    return { health, ...describe(fromBinary(ProcessingResponseSchema, reply)) };
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new UserError(`${target}: no answer: ${reason.replace(/\s+/g, " ").trim()}; is riffle listening there?`); // OpenSSL's words end in a line feed
  } finally {
    client.close();
  }
}

function toCredentials(tls: LiveTls | undefined): ChannelCredentials {
  if (tls === undefined) return credentials.createInsecure();
  process.noDeprecation = true; // grpc-js gives Node an IP address as the server's name, where the target is one (DEP0123)
  try {
    return credentials.createSsl(tls.ca, tls.own?.key, tls.own?.cert);
  } catch (cause) {
    throw new UserError(`--ca, --cert or --key: not usable: ${cause instanceof Error ? cause.message : cause}; each is a PEM file`);
  }
}

function requestOf(lines: readonly (readonly [name: string, value: string])[]): MessageInitShape<typeof ProcessingRequestSchema> {
  const headers = lines.map(([name, value]) => ({ key: bytes(name), rawValue: bytes(value) }));
  return { request: { case: "requestHeaders", value: { headers: { headers }, endOfStream: true } } };
}

const bytes = (byteString: string): Uint8Array => Buffer.from(byteString, "latin1");
const text = (raw: Uint8Array): string => toDisplay(Buffer.from(raw).toString("latin1"));
const deadline = (): Date => new Date(Date.now() + DEADLINE_MS);

function unary(client: Client, path: string, message: Uint8Array): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    client.makeUnaryRequest(path, asIs, asIs, Buffer.from(message), { deadline: deadline() }, (error, reply) =>
      error === null && reply !== undefined ? resolve(reply) : reject(error ?? new Error("no reply")),
    );
  });
}

function firstReply(client: Client, message: Uint8Array): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    const stream = client.makeBidiStreamRequest(PROCESS_PATH, asIs, asIs, { deadline: deadline() });
    stream.once("data", (reply: Buffer) => {
      resolve(reply);
      stream.cancel(); // as Envoy ends it
    });
    stream.on("error", reject); // after the reply this is our own cancel, and the promise is settled
    stream.once("end", () => reject(new Error("the stream ended without a reply")));
    stream.write(Buffer.from(message));
  });
}

function describe({ response }: ProcessingResponse): Omit<LiveAnswer, "health"> {
  if (response.case === "immediateResponse") {
    const { status, details } = response.value;
    return { refused: { status: status?.code ?? 200, details }, set: {}, removed: [], clearsRouteCache: false };
  }
  const common = response.case === "requestHeaders" ? response.value.response : undefined;
  const set = common?.headerMutation?.setHeaders ?? [];
  return {
    refused: undefined,
    set: Object.fromEntries(set.flatMap(({ header }) => (header ? [[text(header.key), text(header.rawValue)]] : []))),
    removed: (common?.headerMutation?.removeHeaders ?? []).map(text),
    clearsRouteCache: common?.clearRouteCache ?? false,
  };
}
