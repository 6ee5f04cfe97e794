// Sends one operation and hands over what comes: one response, as much of it as has come, or a stream's events.

import { Assembly } from "./parts.js";

export async function ask(asked, onResponse) {
  const { query, variables, operationName, headers, language, signal, url = location.pathname } = asked;
  const started = performance.now();
  const response = await fetch(url, {
    method: "POST",
    signal,
    headers: {
      "Content-Type": "application/json",
      Accept: "application/graphql-response+json, application/json;q=0.9, text/event-stream;q=0.5",
      "Accept-Language": language,
      ...headers,
    },
    body: JSON.stringify({ query, variables, operationName }),
  });
  const assembly = new Assembly();
  let bytes = 0;
  const told = (text) => {
    bytes += new TextEncoder().encode(text).length;
    const shown = assembly.add(parsed(text));
    const ms = Math.round(performance.now() - started);
    onResponse(shown, { status: response.status, ms, bytes, waiting: assembly.waiting });
  };
  if (!(response.headers.get("Content-Type") ?? "").startsWith("text/event-stream")) {
    told(await response.text());
    return;
  }
  for await (const data of events(response.body)) told(data);
}

async function* events(body) {
  let pending = "";
  for await (const chunk of readable(body.pipeThrough(new TextDecoderStream()))) {
    const blocks = (pending + chunk).split("\n\n");
    pending = blocks.pop();
    for (const block of blocks) {
      const data = block.split("\n").find((line) => line.startsWith("data: {"));
      if (data) yield data.slice("data: ".length);
    }
  }
}

// Not every browser can iterate over a stream by itself.
async function* readable(stream) {
  const reader = stream.getReader();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    yield value;
  }
}

function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
