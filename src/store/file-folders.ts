import { lstat, readlink, stat } from "node:fs/promises";
import { dirname, join, parse, relative, resolve, sep } from "node:path";

/** As the kernel: more are a circle. */
const MAX_LINKS = 40;

/**
 * The folders in which something has to happen for a path to lead elsewhere: the file's own, that of every symlink on the way, and
 * where the way ends early, the last that is there. Each with its identity, by path. Never rejects.
 */
export async function foldersOf(path: string): Promise<ReadonlyMap<string, string>> {
  const folders = new Map<string, string>();
  let rest = resolve(path);
  for (let links = 0; links <= MAX_LINKS; links++) {
    const { folder, next } = await walk(rest);
    const identity = await identityOf(folder);
    if (identity !== undefined) folders.set(folder, identity);
    if (next === undefined) break;
    rest = next;
  }
  return folders;
}

/** Goes along a path up to its first symlink: the folder that holds it, and the path with the link followed. Without one: the last folder. */
async function walk(path: string): Promise<{ readonly folder: string; readonly next?: string }> {
  const names = relative(parse(path).root, path).split(sep);
  let folder = parse(path).root;
  for (const [index, name] of names.entries()) {
    const here = join(folder, name);
    const target = await lookAt(here);
    if (target === "missing" || (target === "plain" && index === names.length - 1)) return { folder };
    if (typeof target !== "string") return { folder, next: resolve(folder, target.link, ...names.slice(index + 1)) };
    folder = here;
  }
  return { folder: dirname(path) };
}

async function lookAt(path: string): Promise<"missing" | "plain" | { readonly link: string }> {
  try {
    return (await lstat(path)).isSymbolicLink() ? { link: await readlink(path) } : "plain";
  } catch {
    return "missing"; // or not to be seen, which comes to the same
  }
}

async function identityOf(folder: string): Promise<string | undefined> {
  try {
    const { dev, ino } = await stat(folder);
    return `${dev}:${ino}`;
  } catch {
    return undefined;
  }
}
