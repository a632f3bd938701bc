/**
 * Who looks at the page.
 *
 * @module
 */

import { useEffect, useState } from "preact/hooks";
import type { GetSelfResponse } from "../../../../sdk/gen/scouter/v1/accounts_pb.ts";
import { accounts } from "./api.ts";

const listeners = new Set<() => void>();
let self: GetSelfResponse | null = null;
let asked = false;

/** Asks the server who is looking; to be called after logging in or out. */
export async function askSelf(): Promise<void> {
  asked = true;
  self = await accounts.getSelf({}).catch(() => null);
  for (const listener of listeners) listener();
}

/** The person, followed; null while nobody is logged in or it is not known yet. */
export function useSelf(): GetSelfResponse | null {
  const [value, setValue] = useState(self);
  useEffect(() => {
    const listener = () => setValue(self);
    listeners.add(listener);
    listener();
    if (!asked) void askSelf();
    return () => void listeners.delete(listener);
  }, []);
  return value;
}
