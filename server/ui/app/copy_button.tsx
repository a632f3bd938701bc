/**
 * Copies a text.
 *
 * @module
 */

import { useEffect, useState } from "preact/hooks";

/** A button that copies and says so for a moment. */
export function CopyButton(
  { text, label }: { readonly text: () => string; readonly label: string },
) {
  const [said, setSaid] = useState("");
  useEffect(() => {
    if (said === "") return;
    const timer = setTimeout(() => setSaid(""), 2000);
    return () => clearTimeout(timer);
  }, [said]);
  return (
    <button
      type="button"
      class="small"
      onClick={() =>
        copy(text()).then(() => setSaid("Copied"), () => setSaid("The browser refused"))}
    >
      {label}
      <span role="status">{said === "" ? "" : ` · ${said}`}</span>
    </button>
  );
}

async function copy(text: string): Promise<void> {
  // Without TLS, browsers offer no clipboard except on this machine.
  if (navigator.clipboard === undefined) throw new Error("there is no clipboard");
  await navigator.clipboard.writeText(text);
}
