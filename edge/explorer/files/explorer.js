// The page: an editor, its examples, the answer, and the schema beside them.

import { ask } from "./asking.js";
import { showCoverage, showErrors, showJson } from "./result.js";
import { INTROSPECTION, SchemaPages } from "./schema.js";
import { WORDS, element } from "./words.js";

const KEPT = ["query", "variables"];
const at = (id) => document.getElementById(id);
const words = () => WORDS[at("language").value];
let examples = [];
let running = null;

const pages = new SchemaPages({ search: at("search"), trail: at("trail"), entries: at("entries") }, words);

async function begin() {
  at("language").value = localStorage.getItem("language") ?? (navigator.language.startsWith("zh") ? "zh" : "en");
  const setup = await (await fetch("explorer/setup.json")).json();
  examples = setup.examples;
  at("program").textContent = setup.program;
  speak();
  const asked = new URLSearchParams(location.search);
  // Headers hold tokens, so they are not kept when the page is closed.
  for (const id of KEPT) at(id).value = asked.get(id) ?? localStorage.getItem(id) ?? "";
  if (!at("query").value && examples.length) take(examples[0]);
  listen();
}

function listen() {
  at("run").addEventListener("click", run);
  at("stop").addEventListener("click", () => running?.abort());
  at("examples").addEventListener("change", ({ target }) => take(examples[Number(target.value)]));
  at("language").addEventListener("change", () => {
    localStorage.setItem("language", at("language").value);
    speak();
  });
  at("show-docs").addEventListener("click", toggleSchema);
  for (const id of KEPT) at(id).addEventListener("input", () => localStorage.setItem(id, at(id).value));
  at("query").addEventListener("keydown", indent);
  document.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) run();
  });
}

function speak() {
  const language = at("language").value;
  document.documentElement.lang = language === "zh" ? "zh-CN" : "en";
  for (const place of document.querySelectorAll("[data-word]")) place.textContent = words()[place.dataset.word];
  at("search").placeholder = words().search;
  at("examples").replaceChildren(
    element("option", { value: "" }, words().choose),
    ...examples.map((example, index) =>
      element("option", { value: index }, language === "zh" ? example.title_zh : example.title),
    ),
  );
  pages.show();
}

function take(example) {
  if (!example) return;
  for (const id of ["query", "variables", "headers"]) at(id).value = example[id].trim();
  for (const id of KEPT) localStorage.setItem(id, at(id).value);
}

function indent(event) {
  if (event.key !== "Tab" || event.shiftKey) return;
  event.preventDefault();
  const { selectionStart, selectionEnd } = event.target;
  event.target.setRangeText("  ", selectionStart, selectionEnd, "end");
}

// The object written in a box; an empty box is an empty object. Throws words for the reader.
function written(id) {
  const text = at(id).value.trim();
  try {
    return text ? JSON.parse(text) : {};
  } catch (error) {
    throw new Error(words().notJson(id, error.message));
  }
}

function request(query, variables) {
  return { query, variables, headers: written("headers"), language: at("language").value };
}

async function run() {
  running?.abort();
  const mine = (running = new AbortController());
  at("stop").hidden = false;
  at("status").textContent = words().running;
  showErrors(at("errors"), null);
  showCoverage(at("coverage"), null, words());
  try {
    await ask({ ...request(at("query").value, written("variables")), signal: mine.signal }, showResponse);
  } catch (error) {
    if (running === mine) at("status").textContent = told(error);
  }
  if (running === mine) at("stop").hidden = true;
}

function told(error) {
  if (error.name === "AbortError") return words().stopped;
  return error instanceof TypeError ? words().unreachable : error.message;
}

function showResponse(response, { status, ms, bytes, waiting }) {
  const more = waiting ? ` ${words().more(waiting)}` : "";
  at("status").textContent = words().answered(status, ms, bytes) + more;
  const found = typeof response === "object" && response !== null ? response : {};
  showErrors(at("errors"), found.errors);
  showCoverage(at("coverage"), found.extensions?.coverage, words());
  showJson(at("result"), response);
}

async function toggleSchema() {
  const main = document.querySelector("main");
  if (!main.classList.toggle("with-docs") || pages.types.size) return;
  try {
    await ask(request(INTROSPECTION, {}), (response) => {
      if (response.data) pages.load(response.data.__schema);
      else at("entries").textContent = words().noSchema;
    });
  } catch (error) {
    at("entries").textContent = told(error);
  }
}

begin();
