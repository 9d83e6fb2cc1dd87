import { globSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { describe, expect, test } from "vitest";

const root = join(import.meta.dirname, "..");

interface Import {
  readonly from: string; // file below src/
  readonly to: string; // file below src/, "node:x", or a package's name
  readonly isTypeOnly: boolean;
}

function importsOf(file: string): Import[] {
  const text = readFileSync(join(root, file), "utf8");
  const pattern = /^\s*(?:import|export)\s+(type\s+)?(?:[^"';]*?\sfrom\s+)?"([^"]+)"|\bimport\("([^"]+)"\)/gm;
  return [...text.matchAll(pattern)].map(([, type, statically, dynamically]) => {
    const target = statically ?? dynamically ?? "";
    const to = target.startsWith(".") ? relative(join(root, "src"), join(root, dirname(file), target)) : packageOf(target);
    return { from: relative("src", file), to, isTypeOnly: type !== undefined };
  });
}

const packageOf = (name: string): string =>
  name.startsWith("node:")
    ? name
    : name
        .split("/")
        .slice(0, name.startsWith("@") ? 2 : 1)
        .join("/");
const layerOf = (path: string): string => (path.includes("/") ? path.slice(0, path.indexOf("/")) : path);
const isOurs = (path: string): boolean => path.endsWith(".ts");

const files = globSync("src/**/*.{ts,js}", { cwd: root }).filter((file) => !file.endsWith(".d.ts"));
const imports = files.flatMap(importsOf);

/** What each folder may import: folders of src/, packages, and whether Node's own modules. */
const arrows: Record<string, { readonly layers: readonly string[]; readonly packages: readonly string[]; readonly node: RegExp }> = {
  core: { layers: ["core"], packages: ["zod", "re2js"], node: /^$/ },
  wire: { layers: ["core", "wire"], packages: ["@bufbuild/protobuf"], node: /^$/ },
  grpc: { layers: ["grpc", "core"], packages: ["@grpc/grpc-js"], node: /^node:/ },
  serve: { layers: ["core", "wire", "grpc", "serve"], packages: [], node: /^node:(http|net)$/ }, // of the admin listener
  store: { layers: ["core", "store"], packages: ["yaml", "undici", "ioredis"], node: /^node:/ },
  trace: { layers: ["core", "trace"], packages: ["pino"], node: /^$/ },
  cli: {
    layers: ["core", "wire", "grpc", "serve", "store", "trace", "cli"],
    packages: ["commander", "@grpc/grpc-js", "@bufbuild/protobuf"],
    node: /^node:/,
  },
  "main.ts": { layers: ["cli"], packages: [], node: /^$/ },
};

describe("layering", () => {
  test("the scan sees the imports there are", () => {
    expect(imports).toContainEqual({ from: "main.ts", to: "cli/program.ts", isTypeOnly: false });
    expect(imports.length).toBeGreaterThan(files.length);
  });

  test("arrows between folders point one way, and each package has its folder", () => {
    const wrong = imports.filter(({ from, to }) => {
      const rule = arrows[layerOf(from)];
      if (rule === undefined) return true;
      if (isOurs(to)) return !rule.layers.includes(layerOf(to));
      return to.startsWith("node:") ? !rule.node.test(to) : !rule.packages.includes(to);
    });
    expect(wrong).toEqual([]);
  });

  test("grpc takes types alone from core, and serve types alone from grpc", () => {
    const crosses = ({ from, to }: Import): boolean => from.startsWith("grpc/") && to.startsWith("core/");
    const reaches = ({ from, to }: Import): boolean => from.startsWith("serve/") && to.startsWith("grpc/") && to !== "grpc/types.ts";
    expect(imports.filter((one) => (crosses(one) && !one.isTypeOnly) || reaches(one))).toEqual([]);
  });

  test("core takes a library through one file each, and zod through the schema", () => {
    const users = Map.groupBy(
      imports.filter(({ from, to }) => layerOf(from) === "core" && !isOurs(to)),
      ({ to }) => to,
    );
    for (const [library, uses] of users) {
      const from = new Set(uses.map((use) => use.from));
      if (library !== "zod") expect(from, library).toHaveLength(1);
      else expect([...from].filter((file) => !/^core\/parse\/(schema|shape[a-z-]*)\.ts$/.test(file))).toEqual([]);
    }
  });

  test("only cli and store may read files", () => {
    const readers = imports.filter(({ to }) => /^node:fs/.test(to)).map(({ from }) => layerOf(from));
    expect(new Set(readers).difference(new Set(["cli", "store", "grpc"]))).toEqual(new Set());
  });

  test("core reads no clock, no chance, no environment", () => {
    const impure =
      /\bDate\.now\b|\bnew Date\(\)|\bMath\.random\b|\bperformance\.|\bprocess\.|\bset(Timeout|Interval|Immediate)\(|\bfetch\(/;
    const offenders = files.filter((file) => file.startsWith("src/core/") && impure.test(readFileSync(join(root, file), "utf8")));
    expect(offenders).toEqual([]);
  });

  test("no import runs in a circle", () => {
    const next = Map.groupBy(
      imports.filter(({ to, isTypeOnly }) => isOurs(to) && !isTypeOnly),
      ({ from }) => from,
    );
    const done = new Set<string>();
    const visit = (file: string, trail: readonly string[]): void => {
      expect(trail, "a circle of imports").not.toContain(file);
      if (done.has(file)) return;
      for (const { to } of next.get(file) ?? []) visit(to, [...trail, file]);
      done.add(file);
    };
    for (const file of next.keys()) visit(file, []);
  });
});
