import { isIP } from "node:net";

/** What of a request says where it comes from. Header values as received; undefined: not there. */
export interface Caller {
  readonly isMutation: boolean; // it is not GET or HEAD
  readonly host: string | undefined;
  readonly origin: string | undefined;
  readonly fetchSite: string | undefined; // Sec-Fetch-Site
  readonly contentType: string | undefined;
}

/** Why a request is not heard. */
export interface Refusal {
  readonly status: 403 | 415 | 421;
  readonly why: string;
}

/**
 * Why a request to the admin listener is refused; undefined when it may be heard. There is no password: that it is reached at all is
 * what lets a caller in. So a web page, which any browser on this machine fetches from anywhere, must not be one: neither by its own
 * name for our address (DNS rebinding), nor from its own origin, nor by a form.
 */
export function refuse({ isMutation, host = "", origin, fetchSite, contentType }: Caller, isSocketFile: boolean): Refusal | undefined {
  // A page that has rebound its name sends that name. No browser reaches a socket file.
  if (!isSocketFile && !isAddress(host))
    return { status: 421, why: "the Host header must be localhost or an IP address, so that no web page gets here by a name of its own" };
  if (origin !== undefined && origin.toLowerCase() !== `http://${host.toLowerCase()}`)
    return { status: 403, why: "a request from another origin" };
  // Of requests that bear no Origin, such as a picture's. `none`: typed by the user.
  if (fetchSite !== undefined && fetchSite !== "same-origin" && fetchSite !== "none")
    return { status: 403, why: "a request from another site" };
  // What a form can send without asking first, in browsers that send neither of the two.
  if (isMutation && contentType !== undefined && !/^application\/json\s*(;|$)/i.test(contentType))
    return { status: 415, why: "a body must be application/json" };
  return undefined;
}

/** `localhost` or an IP address, with a port or without. */
function isAddress(host: string): boolean {
  const [, bracketed, name = ""] = /^(?:\[([^\]]*)\]|([^:]*))(?::\d{1,5})?$/.exec(host) ?? [];
  if (bracketed !== undefined) return isIP(bracketed) === 6;
  return name.toLowerCase() === "localhost" || isIP(name) === 4;
}
