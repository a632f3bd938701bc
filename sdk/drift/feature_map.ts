import { compareUtf8, type TextColumn } from "../data/mod.ts";
import type { Compatibility } from "./compatibility.ts";
import { DriftError } from "./error.ts";
import type { JsonNode } from "./json_node.ts";

/** The numbering of one text feature's values. */
export interface FeatureEncoding {
  /** Each known value's number, 0…k−1 in ascending order of UTF-8 bytes. */
  readonly values: ReadonlyMap<string, number>;
  /** The number of every value that is not known, and of missing ones. */
  readonly unseenId: number;
}

const SENTINEL = "missing";

/**
 * How text features are turned into numbers: by the order of their values in the data the profile was made from.
 *
 * In files the number for unseen values stands under the key `missing`, beside the values. Where a value is itself
 * called "missing", the key keeps that value's number and `unseen_ids` beside `features` has the other one; readers
 * that do not know it then count unseen values as "missing", which is the closest they can get.
 *
 * @example
 * ```ts
 * import { textColumn } from "../data/mod.ts";
 * import { FeatureMap } from "./mod.ts";
 *
 * FeatureMap.of([textColumn("plan", ["pro", "free"])]).encode("plan", "team"); // 2, the unseen id
 * ```
 */
export class FeatureMap {
  /** Encodings by feature name. */
  readonly features: ReadonlyMap<string, FeatureEncoding>;

  /**
   * Wraps encodings.
   *
   * @param features encodings by feature name
   */
  constructor(features: ReadonlyMap<string, FeatureEncoding> = new Map()) {
    this.features = features;
  }

  /**
   * Numbers the values of text columns.
   *
   * @param columns the columns
   * @param compatibility in reference mode a value called "missing" shares its number with unseen ones
   * @returns one encoding per column
   */
  static of(
    columns: readonly TextColumn[],
    compatibility: Compatibility = "strict",
  ): FeatureMap {
    return new FeatureMap(
      new Map(columns.map((column) => {
        const values = new Map(column.dictionary.map((value, index) => [value, index]));
        if (compatibility === "reference") values.delete(SENTINEL);
        return [column.name, { values, unseenId: column.dictionary.length }];
      })),
    );
  }

  /** The encoding of a feature; throws a DriftError when there is none. */
  encoding(feature: string): FeatureEncoding {
    const encoding = this.features.get(feature);
    if (encoding === undefined) {
      throw new DriftError(
        "UNKNOWN_FEATURE",
        `The profile has no encoding for the text feature "${feature}"; it knows ${
          [...this.features.keys()].join(", ") || "none"
        }`,
      );
    }
    return encoding;
  }

  /** The number of a value; the unseen number when it is not known. */
  encode(feature: string, value: string): number {
    const encoding = this.encoding(feature);
    return encoding.values.get(value) ?? encoding.unseenId;
  }

  /** The numbers of a column's values, -1 where the value is missing. */
  encodeColumn(column: TextColumn): Int32Array {
    const { values, unseenId } = this.encoding(column.name);
    const ids = Int32Array.from(column.dictionary, (value) => values.get(value) ?? unseenId);
    return column.codes.map((code) => code < 0 ? -1 : ids[code] as number);
  }

  /** The JSON form. */
  toJSON(): Record<string, unknown> {
    const entries = [...this.features];
    // Object.fromEntries, so that a feature called "__proto__" is a key like any other.
    const features = Object.fromEntries(
      entries.map(([feature, { values, unseenId }]) => [
        feature,
        Object.fromEntries([[SENTINEL, unseenId] as const, ...values]),
      ]),
    );
    const unseenIds = Object.fromEntries(
      entries.filter(([, { values }]) => values.has(SENTINEL))
        .map(([feature, { unseenId }]) => [feature, unseenId]),
    );
    return Object.keys(unseenIds).length === 0 ? { features } : { features, unseen_ids: unseenIds };
  }

  /** Reads the JSON form; a map that is absent is empty. */
  static fromNode(node: JsonNode): FeatureMap {
    if (node.isAbsent) return new FeatureMap();
    const separate = node.get("unseen_ids");
    const features = node.get("features").entries().map(([feature, encoding]) => {
      const own = separate.isAbsent ? separate : separate.get(feature);
      const values = new Map(encoding.entries().map(([value, id]) => [value, id.integer()]));
      let unseenId = own.isAbsent ? values.get(SENTINEL) : own.integer();
      if (own.isAbsent) values.delete(SENTINEL);
      unseenId ??= Math.max(-1, ...values.values()) + 1;
      const ordered = new Map([...values].sort(([a], [b]) => compareUtf8(a, b)));
      return [feature, { values: ordered, unseenId }] as const;
    });
    return new FeatureMap(new Map(features));
  }
}
