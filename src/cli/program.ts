import { readFileSync } from "node:fs";
import { Command, CommanderError } from "commander";
import { UserError } from "./user-error.ts";

const DEFAULT_FILE = "riffle.yaml";

/** Runs one command. Resolves with the exit code: 0, 1 for the user's mistakes (one line each on stderr), 2 for ours. Never rejects. */
export async function run(argv: readonly string[]): Promise<number> {
  // Whoever read our output has gone (`riffle envoy | head`): end as any other program would, by the shell's number for SIGPIPE.
  process.stdout.on("error", () => process.exit(141));
  try {
    await createProgram().parseAsync(argv, { from: "user" });
    return 0;
  } catch (cause) {
    if (cause instanceof CommanderError) return cause.exitCode; // commander has said it, on the right stream
    if (cause instanceof UserError) {
      process.stderr.write(`${cause.message.replaceAll(/^/gm, "riffle: ")}\n`);
      return 1;
    }
    process.stderr.write(`riffle: internal error, please report it: ${cause instanceof Error ? cause.stack : String(cause)}\n`);
    return 2;
  }
}

/** Each command loads what it needs when it runs: half a second is saved where gRPC is not wanted. */
function createProgram(): Command {
  const { description, version } = readPackage();
  const program = new Command("riffle").description(description).version(version).exitOverride();
  program
    .command("serve")
    .description("answer Envoy's calls until SIGTERM")
    .option("--config <file>", "the rules", DEFAULT_FILE)
    .action(async ({ config }) => (await import("./serve.ts")).serve(config));
  program
    .command("check")
    .description("list every mistake in a file, or ask a running riffle as Envoy would")
    .argument("[file]", "the rules", DEFAULT_FILE)
    .option("--live <address>", "ask the riffle that listens there (host:port or unix:path) instead of reading a file")
    .option("--ca <file>", "with --live: reach it by TLS; what its certificate is verified against, in PEM")
    .option("--cert <file>", "with --ca: our own certificate, for listeners with client_ca")
    .option("--key <file>", "its private key")
    .option("--method <method>", "of the request to ask about", "GET")
    .option("--url <url>", "of the request to ask about", "http://localhost/")
    .option("--header <line>", "a header of that request, `name: value`; may be repeated", collect, [])
    .option("--json", "print JSON")
    .action(async (file, flags) => (await import("./check.ts")).check(file, flags));
  program
    .command("explain")
    .description("print what would be decided about a request, and why")
    .argument("<method>")
    .argument("<url>")
    .option("--header <line>", "a header of the request, `name: value`; may be repeated", collect, [])
    .option("--config <file>", "the rules", DEFAULT_FILE)
    .option("--json", "print JSON")
    .action(async (method, url, flags) => (await import("./explain.ts")).explainRequest(method, url, flags));
  program
    .command("envoy")
    .description("print the Envoy configuration that fits the file")
    .option("--config <file>", "the rules", DEFAULT_FILE)
    .option("--part <part>", "only the filter, riffle's own cluster and those of pools of hosts, or the routes: filter | cluster | routes")
    .option("--envoy <version>", "the Envoy it is for: 1.36 … 1.40", "1.40")
    .option(
      "--riffle <address>",
      "where Envoy reaches riffle, when not at the first address of `listen.grpc`; may be repeated",
      collect,
      [],
    )
    .option("--admin <address>", "where Envoy's own admin listens", "127.0.0.1:9901")
    .action(async (flags) => (await import("./envoy.ts")).envoy(flags));
  program
    .command("demo")
    .description("watch a real Envoy route requests to the shards of their customers")
    .option("--exit", "send 2,000 requests, print who served them, and fail if one left its shard")
    .action(async (flags) => (await import("./demo.ts")).demo(flags));
  return program;
}

const collect = (value: string, all: readonly string[]): readonly string[] => [...all, value];

/** package.json lies two folders up from here, in the sources as in the published package. */
function readPackage(): { readonly description: string; readonly version: string } {
  return JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8"));
}
