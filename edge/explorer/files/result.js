// Shows a response: its JSON in colour, its errors in words, and which shards it covers.

import { element } from "./words.js";

const TOKEN = /("(?:[^"\\]|\\.)*")(\s*:)?|\b(true|false|null)\b|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g;

export function showJson(place, value) {
  const text = typeof value === "string" ? value : JSON.stringify(value, null, 2);
  const pieces = [];
  let end = 0;
  for (const match of text.matchAll(TOKEN)) {
    pieces.push(text.slice(end, match.index));
    const [token, string, colon, word] = match;
    const kind = string ? (colon ? "key" : "string") : word ? "word" : "number";
    pieces.push(element("span", { class: kind }, string ?? token), colon ?? "");
    end = match.index + token.length;
  }
  place.replaceChildren(...pieces, text.slice(end));
}

export function showErrors(place, errors) {
  place.hidden = !errors?.length;
  place.replaceChildren(...(errors ?? []).map(errorEntry));
}

function errorEntry(error) {
  const { code, hint } = error.extensions ?? {};
  const path = error.path ? ` (${error.path.join(".")})` : "";
  return element(
    "li",
    {},
    code ? element("code", {}, code) : null,
    ` ${error.message}${path}`,
    hint ? element("small", {}, hint) : null,
  );
}

export function showCoverage(place, coverage, words) {
  place.hidden = !coverage;
  if (!coverage) return;
  const missing = coverage.missing ?? [];
  place.classList.toggle("partial", missing.length > 0);
  const items = missing.map(({ shard, reason }) => element("li", {}, `${shard}: ${reason}`));
  place.replaceChildren(
    words.coverage(count(coverage.asked), count(coverage.answered)),
    ...(items.length ? [" ", words.missing, element("ul", {}, ...items)] : []),
  );
}

function count(value) {
  return Array.isArray(value) ? value.length : value;
}
