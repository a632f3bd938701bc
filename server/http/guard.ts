/**
 * Keeps web pages from using the server behind their visitor's back.
 *
 * While no login is asked for, the only thing that tells the local user from a page the local user happens to visit
 * is what browsers say about the request: the `Host` a name was resolved under (DNS rebinding) and the `Origin` and
 * `Sec-Fetch-Site` of whoever sent it (cross-site requests). With a login, the `Origin` is still checked.
 *
 * @module
 */

import { isIP } from "node:net";
import { isLoopbackHost } from "../auth/auth_mode.ts";
import { ScouterError } from "../errors.ts";

/** What the guard goes by. */
export interface GuardOptions {
  /** True while no login is asked for. */
  readonly open: boolean;
  /** The address the server is bound to. */
  readonly host: string;
  /** Further host names, without ports. */
  readonly allowedHosts: readonly string[];
  /** Origins that may call from a browser. */
  readonly allowedOrigins: ReadonlySet<string>;
}

/** Refuses a request, or returns. @throws {ScouterError} PERMISSION_DENIED, naming the setting that would allow it. */
export type Guard = (request: Request) => void;

/** Creates the guard. */
export function createGuard(options: GuardOptions): Guard {
  const names = new Set(
    [...options.allowedHosts, options.host].map((name) => name.toLowerCase()),
  );
  // A rebound name is a name: an address in the Host header was typed as one.
  const acceptsAddresses = !isLoopbackHost(options.host);
  const lastAccepted = { host: "" };
  const checkHost = (host: string | null) => {
    if (host === null || host === lastAccepted.host) return;
    const name = hostName(host);
    const known = isLoopbackHost(name) || names.has(name) || names.has(`[${name}]`) ||
      (acceptsAddresses && isIP(name) !== 0);
    if (!known) {
      throw new ScouterError(
        "PERMISSION_DENIED",
        `The Host header "${clip(host)}" is not allowed.`,
        {
          suggestedAction:
            "Without a login only loopback names are accepted; add this name to SCOUTER_ALLOWED_HOSTS, or set SCOUTER_AUTH=required.",
        },
      );
    }
    lastAccepted.host = host;
  };
  return (request) => {
    const { headers } = request;
    const host = headers.get("host");
    if (options.open) checkHost(host);
    const origin = headers.get("origin");
    if (origin !== null) {
      if (options.allowedOrigins.has(origin) || isSameHost(origin, host)) return;
      throw new ScouterError("PERMISSION_DENIED", `The origin "${clip(origin)}" is not allowed.`, {
        suggestedAction: "Add it to SCOUTER_ALLOWED_ORIGINS if pages of it may call this server.",
      });
    }
    // Sent without an Origin: images, scripts and the like. Following a link (navigate) shows what is there.
    if (
      options.open && headers.get("sec-fetch-site") === "cross-site" &&
      !(headers.get("sec-fetch-mode") === "navigate" && request.method === "GET")
    ) {
      throw new ScouterError("PERMISSION_DENIED", "Requests made by other sites are not allowed.");
    }
  };
}

/** Schemes are left out: a proxy in front may speak TLS. */
function isSameHost(origin: string, host: string | null): boolean {
  return host !== null && URL.canParse(origin) && new URL(origin).host === host.toLowerCase();
}

function hostName(host: string): string {
  const name = host.startsWith("[") ? host.slice(1, host.indexOf("]")) : host.split(":", 1)[0];
  return (name ?? "").toLowerCase();
}

function clip(text: string): string {
  return text.slice(0, 200);
}
