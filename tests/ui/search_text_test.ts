import assert from "node:assert/strict";
import { test } from "node:test";
import { bothOf, hasTerm, termOf, toggleTerm } from "../../server/ui/app/search_text.ts";

test("a term is added to all of a search, alternatives in parentheses", () => {
  assert.equal(bothOf("", "a:1"), "a:1");
  assert.equal(bothOf("x -y", "a:1"), "x -y a:1");
  assert.equal(bothOf("x or y", "a:1"), "(x or y) a:1");
  assert.equal(bothOf("(x OR y) z", "a:1"), "(x OR y) z a:1");
  assert.equal(bothOf('"x or y" order:1', "a:1"), '"x or y" order:1 a:1');
});

test("a term is taken away again, but not from among alternatives", () => {
  assert.equal(toggleTerm("x a:1 y", "a:1"), "x y");
  assert.equal(toggleTerm(toggleTerm("x or y", "a:1"), "a:1"), "(x or y)");
  assert.equal(hasTerm("a:1 or y", "a:1"), false);
  assert.equal(toggleTerm("y or a:1", "a:1"), "(y or a:1) a:1");
  assert.equal(hasTerm("y a:12", "a:1"), false);
});

test("values are quoted where the search would read them otherwise", () => {
  assert.equal(termOf("tool", "find"), "tool:find");
  assert.equal(termOf("name", 'say "hi"\\'), 'name:"say \\"hi\\"\\\\"');
  assert.equal(termOf("tool", "*"), 'tool:"*"');
  assert.equal(termOf("tool", ""), 'tool:""');
});
