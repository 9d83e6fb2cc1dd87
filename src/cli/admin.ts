import type { Server } from "node:http";
import type { Address } from "../core/rules.ts";
import { listenAt } from "../grpc/listener.ts";
import { ListenError } from "../grpc/types.ts";
import { type AdminOptions, adminPages } from "../serve/admin.ts";
import { createAdminServer } from "../serve/admin-server.ts";
import type { Report } from "../serve/rescue.ts";
import { UserError } from "./user-error.ts";

/** The open admin listener; `address` is undefined where the rules want none. */
export interface Admin {
  readonly address: Address | undefined;
  close(): Promise<void>;
}

/** Opens the admin listener, or rejects with a UserError that says why it cannot be opened. */
export async function openAdmin(at: Address | undefined, options: AdminOptions & { readonly report: Report }): Promise<Admin> {
  if (at === undefined) return { address: undefined, close: async () => undefined };
  const pages = adminPages(options);
  const server = createAdminServer({ pages, isSocketFile: at.kind === "unix", report: options.report });
  try {
    return { address: await listenAt(server, at), close: () => close(server) };
  } catch (cause) {
    throw cause instanceof ListenError ? new UserError(`listen.admin: ${cause.message}`) : cause;
  }
}

function close(server: Server): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  server.closeAllConnections();
  return closed;
}
