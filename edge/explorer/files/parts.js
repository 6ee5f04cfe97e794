// Puts a response together from its parts: what is shown is always what has come so far.
// The format is that of incremental delivery: pending, incremental, completed, hasNext.

export class Assembly {
  #pending = new Map();
  #response = null;

  // The response so far, with the payload in it. One that belongs to no response in parts is one by itself.
  add(payload) {
    if (typeof payload !== "object" || payload === null) return payload;
    const { pending, incremental, completed, hasNext, ...rest } = payload;
    const continues = this.#response !== null && !("data" in payload);
    if (!continues) {
      this.#pending.clear();
      this.#response = null;
    }
    if (hasNext === undefined) return rest;
    this.#response = continues ? this.#merged(rest) : rest;
    for (const entry of pending ?? []) this.#pending.set(entry.id, entry);
    for (const entry of incremental ?? []) this.#put(entry);
    for (const entry of completed ?? []) {
      this.#complain(entry.errors);
      this.#pending.delete(entry.id);
    }
    return this.#response;
  }

  // How many fragments and lists are announced and have not come.
  get waiting() {
    return this.#pending.size;
  }

  #merged({ errors, extensions }) {
    this.#complain(errors);
    return extensions
      ? { ...this.#response, extensions: { ...this.#response.extensions, ...extensions } }
      : this.#response;
  }

  #put({ id, subPath, data, items, errors }) {
    const path = [...(this.#pending.get(id)?.path ?? []), ...(subPath ?? [])];
    const place = path.reduce((value, step) => value?.[step], this.#response.data);
    if (Array.isArray(items) && Array.isArray(place)) place.push(...items);
    else if (data && place) fill(place, data);
    this.#complain(errors);
  }

  #complain(errors) {
    if (errors?.length) this.#response.errors = [...(this.#response.errors ?? []), ...errors];
  }
}

function fill(object, more) {
  for (const [key, value] of Object.entries(more)) {
    const known = object[key];
    if (isObject(known) && isObject(value)) fill(known, value);
    else object[key] = value;
  }
}

function isObject(value) {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
