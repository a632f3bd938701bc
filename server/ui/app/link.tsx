/**
 * Links within the application.
 *
 * @module
 */

import type { ComponentChildren } from "preact";
import { go, hrefOf } from "./place.ts";

/** What a link needs. */
export interface LinkProps {
  readonly path: string;
  readonly params?: URLSearchParams;
  readonly class?: string;
  readonly title?: string;
  readonly current?: boolean;
  /** What it is called where its content does not say it. */
  readonly label?: string;
  readonly style?: Readonly<Record<string, string>>;
  /** Told when the pointer or the keyboard comes to the link and when it leaves. */
  readonly onHint?: (shown: boolean) => void;
  readonly children: ComponentChildren;
}

/** A link that changes the place without loading the page anew; other clicks stay the browser's. */
export function Link({ path, params, current, label, onHint, children, ...rest }: LinkProps) {
  return (
    <a
      {...rest}
      href={hrefOf(path, params)}
      {...(current ? { "aria-current": "page" as const } : {})}
      {...(onHint === undefined ? {} : {
        onPointerEnter: () => onHint(true),
        onPointerLeave: () => onHint(false),
        onFocus: () => onHint(true),
        onBlur: () => onHint(false),
      })}
      {...(label === undefined ? {} : { "aria-label": label })}
      onClick={(event) => {
        if (event.button !== 0 || event.ctrlKey || event.metaKey || event.shiftKey) return;
        event.preventDefault();
        go(path, params ?? new URLSearchParams());
      }}
    >
      {children}
    </a>
  );
}
