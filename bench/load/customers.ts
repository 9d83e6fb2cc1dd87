import { hostOf, pathOf } from "../routes.ts";

/** The customers in whose name requests are sent. */
export const CUSTOMERS: readonly string[] = Array.from({ length: 50 }, (_, index) => `customer-${index + 1}`);

/** A request a customer, as bytes: what a browser's fetch would send, roughly. */
export const requestBytes = (): readonly Buffer[] =>
  CUSTOMERS.map((customer, index) =>
    Buffer.from(
      [
        `GET ${pathOf(index)} HTTP/1.1`,
        `host: ${hostOf(index)}`,
        "user-agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36",
        "accept: application/json",
        "accept-language: en-US,en;q=0.9",
        `x-customer-id: ${customer}`,
        "\r\n",
      ].join("\r\n"),
      "latin1",
    ),
  );
