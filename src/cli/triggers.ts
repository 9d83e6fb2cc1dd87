import { watchFile } from "../store/watch-file.ts";
import type { Trigger } from "./reload.ts";

/** What asks for a reload from outside: changes of the file, and SIGHUP. */
export interface Triggers {
  /** From now on each is told; one that came before is told at once. */
  start(tell: (trigger: Trigger) => void): void;
  close(): void;
}

/** Opened before the file is first read, so that no change after that is missed. */
export async function openTriggers(path: string): Promise<Triggers> {
  let early: Trigger | undefined;
  let tell = (trigger: Trigger): void => {
    early = trigger;
  };
  const watch = await watchFile(path, () => tell("the file changed"));
  process.on("SIGHUP", () => tell("SIGHUP")); // for good: unheard it would end the process
  return {
    start: (told) => {
      tell = told;
      if (early !== undefined) told(early);
    },
    close: () => watch.close(),
  };
}
