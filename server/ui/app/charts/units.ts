/**
 * Units of charts.
 *
 * @module
 */

import { formatCompact, formatDuration, formatMoney, formatSize, formatWhole } from "../format.ts";
import type { ChartUnit } from "./series.ts";

/** Things that are counted. */
export function countUnit(name: string): ChartUnit {
  return {
    name,
    adds: true,
    tick: (value) => formatCompact(value),
    exact: (value) => formatWhole(value),
  };
}

/** US dollars. */
export const MONEY: ChartUnit = {
  name: "US dollars",
  adds: true,
  tick: formatMoney,
  exact: formatMoney,
};

/** Milliseconds. */
export const MILLISECONDS: ChartUnit = {
  name: "Duration",
  adds: false,
  tick: (value) => value === 0 ? "0" : formatDuration(value * 1000),
  exact: (value) => formatDuration(value * 1000),
};

/** Shares from 0 to 1. */
export const SHARE: ChartUnit = {
  name: "Percent",
  adds: false,
  tick: (value) => `${Number((value * 100).toPrecision(3))} %`,
  exact: (value) => `${Number((value * 100).toPrecision(3))} %`,
};

/** Bytes. */
export const BYTES: ChartUnit = {
  name: "Bytes",
  adds: true,
  tick: formatSize,
  exact: formatSize,
};
