// Sends one operation and hands over what comes: one response, or the events of a stream.

export async function ask({ query, variables, headers, language, signal }, onResponse) {
  const started = performance.now();
  const response = await fetch(location.pathname, {
    method: "POST",
    signal,
    headers: {
      "Content-Type": "application/json",
      Accept: "application/graphql-response+json, application/json;q=0.9, text/event-stream;q=0.5",
      "Accept-Language": language,
      ...headers,
    },
    body: JSON.stringify({ query, variables }),
  });
  const told = (text) =>
    onResponse(parsed(text), {
      status: response.status,
      ms: Math.round(performance.now() - started),
      bytes: new TextEncoder().encode(text).length,
    });
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
