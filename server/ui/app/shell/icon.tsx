/**
 * Draws an icon.
 *
 * @module
 */

/** An icon beside words, or within a control that has a name of its own: it says nothing to screen readers. */
export function Icon({ path }: { readonly path: string }) {
  return (
    <svg class="icon" viewBox="0 0 24 24" aria-hidden="true">
      <path d={path} />
    </svg>
  );
}
