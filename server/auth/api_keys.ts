/**
 * Long-lived API keys for exporters and scripts.
 *
 * @module
 */

import { randomBytes } from "node:crypto";
import type { ApiKeyRepository, ApiKeyRow, ListedApiKey } from "../db/api_keys.ts";
import type { UserRepository } from "../db/users.ts";
import { ScouterError } from "../errors.ts";
import type { Principal } from "../http/context.ts";
import { getLogger } from "../telemetry/log.ts";
import { API_KEY_PREFIX } from "./credentials.ts";
import { randomToken, tokenHash } from "./opaque_tokens.ts";
import { ADMIN_GROUP, authorize, isAdmin, isAllowed } from "./permissions.ts";

/** What a key may be used for. */
export const API_KEY_SCOPES = ["ingest", "read", "admin"] as const;

/** One of {@linkcode API_KEY_SCOPES}. */
export type ApiKeyScope = typeof API_KEY_SCOPES[number];

/** What a caller asks for. */
export interface NewApiKey {
  readonly name: string;
  readonly scopes: readonly ApiKeyScope[];
  /** Only this space; null for all. */
  readonly space: string | null;
  /** Null for a key that does not expire. */
  readonly expiresAt: Date | null;
}

/** Least time between two notes of a key's use. */
const TOUCH_MS = 60_000;
const MAX_TOUCHED = 10_000;
const logger = getLogger("auth");

/** Issues, lists, checks and revokes API keys. A key never does more than its owner may at that moment. */
export class ApiKeys {
  readonly #keys: ApiKeyRepository;
  readonly #users: UserRepository;
  readonly #now: () => Date;
  readonly #touchedMs = new Map<string, number>();
  readonly #touching = new Set<Promise<void>>();

  constructor(keys: ApiKeyRepository, users: UserRepository, now: () => Date) {
    this.#keys = keys;
    this.#users = users;
    this.#now = now;
  }

  /** Makes a key. @returns The key itself, which is shown this once, and what is stored. */
  async create(caller: Principal, wanted: NewApiKey): Promise<{ key: string; row: ApiKeyRow }> {
    const space = wanted.space ?? "all";
    for (const scope of wanted.scopes) {
      authorize(caller, scope === "admin" ? "admin" : { action: scope, space });
    }
    if (wanted.scopes.includes("admin") && wanted.space !== null) {
      throw new ScouterError(
        "BAD_REQUEST",
        `space "${wanted.space}" cannot limit the scope "admin". Leave one of them out.`,
      );
    }
    if (caller.via === "api_key" && !isAdmin(caller)) {
      throw new ScouterError(
        "PERMISSION_DENIED",
        "An API key cannot make API keys. Log in as its owner.",
      );
    }
    const owner = caller.via === "local" ? undefined : await this.#users.byName(caller.username);
    const key = randomToken(API_KEY_PREFIX);
    const row = await this.#keys.create({
      id: randomBytes(9).toString("base64url"),
      name: wanted.name,
      prefix: key.slice(0, 9),
      keyHash: tokenHash(key),
      scopes: [...new Set(wanted.scopes)],
      space: wanted.space,
      ownerId: owner?.id ?? null,
      expiresAt: wanted.expiresAt,
    });
    return { key, row };
  }

  /** The caller's keys; all keys for an administrator. A key that is no administrator's sees itself. */
  async list(caller: Principal): Promise<ListedApiKey[]> {
    if (isAdmin(caller)) return await this.#keys.list();
    const owner = await this.#users.byName(caller.username);
    const own = owner ? await this.#keys.list(owner.id) : [];
    return caller.via === "api_key" ? own.filter((key) => key.id === caller.apiKeyId) : own;
  }

  /**
   * Ends a key at once.
   *
   * @throws {ScouterError} NOT_FOUND when there is none of that id that the caller may see.
   */
  async revoke(caller: Principal, id: string): Promise<void> {
    const row = await this.#keys.byId(id);
    const owner = row?.owner_id == null ? undefined : await this.#users.byId(row.owner_id);
    const isOwn = caller.via === "api_key"
      ? id === caller.apiKeyId
      : owner?.username === caller.username;
    const mayEnd = row && (isAdmin(caller) || isOwn);
    if (!mayEnd || !await this.#keys.revoke(id, this.#now())) {
      throw new ScouterError("NOT_FOUND", `There is no API key with id "${id}" to revoke.`);
    }
  }

  /** Who a key stands for; undefined when it is unknown, revoked or expired, or its owner is gone or inactive. */
  async principal(
    key: string,
  ): Promise<{ principal: Principal; expiresAt: Date | null } | undefined> {
    const row = await this.#keys.live(tokenHash(key), this.#now());
    if (!row) return undefined;
    const wanted = principalOf(row);
    if (row.owner_id === null) return { principal: wanted, expiresAt: row.expires_at };
    const owner = await this.#users.byId(row.owner_id);
    if (!owner?.active) return undefined;
    const holder: Principal = {
      username: owner.username,
      permissions: owner.permissions,
      groupPermissions: owner.group_permissions,
      via: "token",
    };
    const principal: Principal = {
      ...wanted,
      username: owner.username,
      permissions: isAdmin(holder) ? wanted.permissions : limited(wanted.permissions, holder),
      groupPermissions: isAdmin(holder) ? wanted.groupPermissions : [],
    };
    return { principal, expiresAt: row.expires_at };
  }

  /** Notes that a key was used, at most once a minute, without making the caller wait. */
  used(id: string): void {
    const nowMs = this.#now().getTime();
    const last = this.#touchedMs.get(id);
    if (last !== undefined && nowMs - last < TOUCH_MS) return;
    this.#touchedMs.delete(id);
    this.#touchedMs.set(id, nowMs);
    if (this.#touchedMs.size > MAX_TOUCHED) {
      const oldest = this.#touchedMs.keys().next().value;
      if (oldest !== undefined) this.#touchedMs.delete(oldest);
    }
    const written = this.#keys.touch(id, new Date(nowMs)).catch((error: unknown) => {
      // The use is noted again in a minute; the request itself is not concerned.
      logger.warn("The last use of API key {id} could not be noted: {error}", {
        id,
        error: String(error),
      });
    }).finally(() => this.#touching.delete(written));
    this.#touching.add(written);
  }

  /** Resolves when all noted uses are written. */
  async settle(): Promise<void> {
    await Promise.all(this.#touching);
  }
}

function principalOf(row: ApiKeyRow): Principal {
  const space = row.space ?? "all";
  const admin = row.scopes.includes("admin");
  const permissions = admin
    ? ["read:all", "write:all", "delete:all", "ingest:all"]
    : row.scopes.map((scope) => `${scope}:${space}`);
  return {
    username: `api-key:${row.name}`,
    permissions,
    groupPermissions: admin ? [ADMIN_GROUP] : [],
    via: "api_key",
    apiKeyId: row.id,
  };
}

/** The permissions among `wanted` that the holder has too; one for all spaces shrinks to the holder's spaces. */
function limited(wanted: readonly string[], holder: Principal): string[] {
  const result = new Set<string>();
  for (const permission of wanted) {
    const [action = "", space = ""] = permission.split(/:(.*)/s);
    if (action !== "read" && action !== "write" && action !== "delete" && action !== "ingest") {
      continue;
    }
    if (isAllowed(holder, { action, space })) result.add(permission);
    else if (space === "all") {
      for (const held of holder.permissions) {
        const heldSpace = held.slice(held.indexOf(":") + 1);
        if (isAllowed(holder, { action, space: heldSpace })) result.add(`${action}:${heldSpace}`);
      }
    }
  }
  return [...result];
}
