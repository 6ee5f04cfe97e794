// Reads the schema by introspection and shows it as pages of types to walk through.

import { element } from "./words.js";

const WRAPPED = 6; // [[Type!]!]! has five wrappings, and deeper lists than that nobody reads
const TYPE = "kind name ofType { ".repeat(WRAPPED) + "kind name" + " }".repeat(WRAPPED);
const INPUT = `name description defaultValue type { ${TYPE} }`;
export const INTROSPECTION = `{ __schema {
  queryType { name } mutationType { name } subscriptionType { name }
  types { kind name description
    fields(includeDeprecated: true) { name description isDeprecated deprecationReason
      args { ${INPUT} } type { ${TYPE} } }
    inputFields { ${INPUT} }
    enumValues(includeDeprecated: true) { name description isDeprecated deprecationReason }
    possibleTypes { name } }
} }`;

const SEARCH_LIMIT = 80;

export class SchemaPages {
  constructor(places, words) {
    this.places = places;
    this.words = words;
    this.types = new Map();
    this.trail = [];
    places.search.addEventListener("input", () => this.show());
  }

  load(schema) {
    this.types = new Map(schema.types.map((type) => [type.name, type]));
    this.roots = [schema.queryType, schema.mutationType, schema.subscriptionType].filter(Boolean);
    this.trail = [];
    this.show();
  }

  show() {
    const { trail, entries, search } = this.places;
    const wanted = search.value.trim().toLowerCase();
    trail.replaceChildren(this.step(this.words().root, 0), ...this.trail.map((name, at) => this.step(name, at + 1)));
    entries.replaceChildren(...(wanted ? this.matches(wanted) : this.page(this.trail.at(-1))));
  }

  step(name, length) {
    const back = () => {
      this.trail.length = length;
      this.places.search.value = "";
      this.show();
    };
    return element("button", { type: "button", onclick: back }, name);
  }

  page(name) {
    const type = this.types.get(name);
    if (!type) {
      const own = [...this.types.values()].filter(({ name: other }) => !other.startsWith("__"));
      const roots = (this.roots ?? []).map((root) => this.types.get(root.name));
      return [...roots, ...own.filter((other) => !roots.includes(other))].map((other) => this.typeEntry(other));
    }
    return [
      this.typeEntry(type),
      ...(type.fields ?? []).map((field) => this.fieldEntry(field)),
      ...(type.inputFields ?? []).map((field) => this.fieldEntry(field)),
      ...(type.enumValues ?? []).map((value) => entry([value.name], value, this.words())),
      ...(type.possibleTypes ?? []).map(({ name: other }) => entry([this.typeLink(other)], {}, this.words())),
    ];
  }

  matches(wanted) {
    const found = [];
    const hit = (...texts) => texts.some((text) => text?.toLowerCase().includes(wanted));
    for (const type of this.types.values()) {
      if (type.name.startsWith("__")) continue;
      if (hit(type.name, type.description)) found.push(this.typeEntry(type));
      for (const field of [...(type.fields ?? []), ...(type.inputFields ?? [])]) {
        if (hit(field.name, field.description)) found.push(this.fieldEntry(field, type.name));
      }
      for (const value of type.enumValues ?? []) {
        if (hit(value.name, value.description)) {
          found.push(entry([this.typeLink(type.name), `.${value.name}`], value, this.words()));
        }
      }
    }
    return [element("p", {}, this.words().found(found.length)), ...found.slice(0, SEARCH_LIMIT)];
  }

  typeEntry(type) {
    const kind = type.kind.toLowerCase().replace("_", " ");
    return entry([`${kind} `, this.typeLink(type.name)], type, this.words());
  }

  fieldEntry(field, owner) {
    const title = [owner ? this.typeLink(owner) : null, owner ? "." : null, `${field.name}: `, ...this.typeParts(field.type)];
    const initial = field.defaultValue ? [` = ${field.defaultValue}`] : [];
    const args = (field.args ?? []).map((arg) =>
      element(
        "li",
        {},
        element("code", {}, `${arg.name}: `, ...this.typeParts(arg.type), arg.defaultValue ? ` = ${arg.defaultValue}` : null),
        arg.description ? ` ${arg.description}` : null,
      ),
    );
    return entry([...title, ...initial], field, this.words(), args.length ? element("ul", { class: "arguments" }, ...args) : null);
  }

  typeParts(type) {
    if (!type) return ["…"];
    if (type.kind === "NON_NULL") return [...this.typeParts(type.ofType), "!"];
    if (type.kind === "LIST") return ["[", ...this.typeParts(type.ofType), "]"];
    return [this.typeLink(type.name)];
  }

  typeLink(name) {
    const open = () => {
      if (this.trail.at(-1) !== name) this.trail.push(name);
      this.places.search.value = "";
      this.show();
    };
    return element("button", { type: "button", class: "type", onclick: open }, name);
  }
}

function entry(title, { description, isDeprecated, deprecationReason }, words, more = null) {
  return element(
    "div",
    { class: "entry" },
    element("h3", {}, ...title.filter((part) => part !== null)),
    description ? element("p", {}, description) : null,
    isDeprecated ? element("p", { class: "deprecated" }, words.deprecated + (deprecationReason ?? "")) : null,
    more,
  );
}
