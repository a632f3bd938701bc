/**
 * Files that the browser saves.
 *
 * @module
 */

import { BASE_URL } from "../place.ts";

/** Saves a text made on the page. */
export function saveText(name: string, text: string, contentType: string): void {
  saveBlob(name, new Blob([text], { type: contentType }));
}

/** Saves bytes made on the page. */
export function saveBlob(name: string, blob: Blob): void {
  const address = URL.createObjectURL(blob);
  const link = document.createElement("a");
  link.href = address;
  link.download = name;
  link.click();
  // The browser reads it after this turn.
  setTimeout(() => URL.revokeObjectURL(address), 10_000);
}

/** The address of traces as an OTLP/JSON export request. */
export function otlpAddress(traceIds: readonly string[]): string {
  const query = new URLSearchParams(traceIds.map((id) => ["trace_id", id]));
  return `${BASE_URL}scouter/v1/traces/otlp?${query}`;
}

/**
 * Comma-separated values (RFC 4180).
 *
 * A text that a spreadsheet would take for a formula gets an apostrophe before it, because names come from whoever
 * sends spans.
 */
export function csvOf(header: readonly string[], rows: readonly (readonly string[])[]): string {
  const cell = (text: string) => {
    const safe = /^[=+\-@\t\r]/.test(text) && !/^-?\d+(\.\d+)?$/.test(text) ? `'${text}` : text;
    return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
  };
  return [header, ...rows].map((row) => `${row.map(cell).join(",")}\r\n`).join("");
}
