/**
 * Whether callers must log in.
 *
 * @module
 */

/** The setting SCOUTER_AUTH. */
export type AuthSetting = "auto" | "required" | "off";

/** `open`: everybody who reaches the server is the local administrator. */
export type AuthMode = "required" | "open";

/** Whether a host name or address to bind to is reachable from this machine only. */
export function isLoopbackHost(host: string): boolean {
  const name = host.toLowerCase().replace(/^\[|\]$/g, "");
  return name === "localhost" || name === "::1" || /^127(\.\d{1,3}){3}$/.test(name);
}

/** The mode for a setting and the hosts the server binds to. */
export function resolveAuthMode(setting: AuthSetting, hosts: readonly string[]): AuthMode {
  if (setting === "required") return "required";
  if (setting === "off") return "open";
  return hosts.every(isLoopbackHost) ? "open" : "required";
}
