import { create, toBinary } from "@bufbuild/protobuf";
import { ProcessingRequestSchema } from "../../src/wire/gen/envoy/service/ext_proc/v3/external_processor_pb.ts";
import { CUSTOMERS } from "../load/customers.ts";

/** The header lines that Envoy 1.40 shows riffle of a request in `npm run bench`, by customer. */
export const headerLines = (customer: string): readonly (readonly [name: string, value: string])[] => [
  [":authority", "shop.example.com"],
  [":path", "/orders/4711?page=2"],
  [":method", "GET"],
  [":scheme", "http"],
  ["user-agent", "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36"],
  ["accept", "application/json"],
  ["accept-language", "en-US,en;q=0.9"],
  ["x-customer-id", customer],
  ["x-forwarded-for", "127.0.0.1"],
  ["x-forwarded-proto", "http"],
  ["x-envoy-external-address", "127.0.0.1"],
  ["x-request-id", "8dc29770-25ca-494b-933c-56d8318decb0"],
];

/** The same as Envoy's message, a customer each. */
export const requestMessages = (): readonly Uint8Array[] =>
  CUSTOMERS.map((customer) => toBinary(ProcessingRequestSchema, message(customer)));

const message = (customer: string) =>
  create(ProcessingRequestSchema, {
    request: { case: "requestHeaders", value: { headers: { headers: headerLines(customer).map(toHeader) }, endOfStream: true } },
  });

const toHeader = ([name, value]: readonly [string, string]) => ({
  key: Buffer.from(name, "latin1"),
  rawValue: Buffer.from(value, "latin1"),
});
