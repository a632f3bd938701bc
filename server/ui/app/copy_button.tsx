/**
 * Copies a text.
 *
 * @module
 */

import { useEffect, useState } from "preact/hooks";
import { copyText } from "./clipboard.ts";

/** A button that copies and says so for a moment. */
export function CopyButton(
  { text, label }: { readonly text: () => string | Promise<string>; readonly label: string },
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
        Promise.resolve(text()).then(copyText).then(() => setSaid("Copied"), () =>
          setSaid("The browser refused"))}
    >
      {label}
      <span role="status">{said === "" ? "" : ` · ${said}`}</span>
    </button>
  );
}
