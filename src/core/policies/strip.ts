import type { Policy } from "../decide.ts";
import type { Edit } from "../output.ts";
import { removableByReply } from "../strip-list.ts";
import { adjust, pass } from "../verdict.ts";

/** Control headers sent by the client never survive, nor do their look-alikes (`x_target_cluster`). Identity rule HS1. */
export const strip: Policy = ({ headers }, { isControl }) => {
  const forged = headers.names(isControl);
  return forged.length === 0 ? pass : adjust({ edits: forged.filter(removableByReply).map(remove) });
};

const remove = (name: string): Edit => ({ name, value: undefined });
