import { readFileSync } from "node:fs";
import { Command, CommanderError, InvalidArgumentError } from "commander";
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
    .option("--tests <file>", "decide the requests of this file of route tests, and say what differs from what is expected")
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
    .option("--overlap <customer>", "say which targets this other customer shares")
    .option("--ejected <ids>", "as an instance decides that has ejected these targets, separated by commas")
    .option("--region <region>", "as if every discovery service answered this; explain asks none")
    .option("--json", "print JSON")
    .action(async (method, url, flags) => (await import("./explain.ts")).explainRequest(method, url, flags));
  program
    .command("simulate")
    .description("say what a way to deal comes to: overlap, load, blast radius, who moves; exact and simulated")
    .option("--config <file>", "take a pool of this file")
    .option("--pool <name>", "which of its pools, when there are several")
    .option("--targets <n>", "or: a pool of so many targets", parseCount)
    .option("--size <k>", "of a shard: a number of targets, or a percentage; beside a file, in place of its own")
    .option("--zones <z>", "with --targets: how many zones they are in, in turn", parseCount)
    .option("--mode <mode>", "what zones do: min | spread | plain")
    .option("--min-zones <m>", "in mode min: zones of a shard at least", parseCount)
    .option("--salt <text>", "of the deal, in place of the file's")
    .option("--customers <c>", "how many to deal shards to, up to 10,000,000 (default: 100000)", parseCount)
    .option("--weights <file>", "the customers and their demand: JSON, or lines `customer weight`")
    .option("--fail <f>", "the blast radius of so many failed targets (default: 1, 2 and k)", parseCount)
    .option("--poison <e>", "the blast radius of so many poison customers (default: 1, 2 and 5)", parseCount)
    .option("--add [zone]", "add a target there (default: in the zone with the fewest)")
    .option("--remove <id>", "remove this target (default: the last)")
    .option("--new-size <k>", "change the size to this (default: one more)", parseCount)
    .option("--seed <number>", "of the samples drawn", parseSeed, 1)
    .option("--json", "print JSON")
    .option("--html <file>", "write a page with charts as well")
    .action(async (flags) => (await import("./simulate.ts")).simulate(flags));
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

/** An integer of at least 1 that any loop can count to. */
function parseCount(text: string): number {
  if (!/^[1-9][0-9]{0,8}$/.test(text)) throw new InvalidArgumentError("Write a whole number of at least 1.");
  return Number(text);
}

function parseSeed(text: string): number {
  if (!/^(0|[1-9][0-9]{0,9})$/.test(text) || Number(text) >= 2 ** 32)
    throw new InvalidArgumentError("Write a whole number below 4294967296.");
  return Number(text);
}

const collect = (value: string, all: readonly string[]): readonly string[] => [...all, value];

/** package.json lies two folders up from here, in the sources as in the published package. */
function readPackage(): { readonly description: string; readonly version: string } {
  return JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8"));
}
