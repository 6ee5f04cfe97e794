// Starts GraphiQL with one tab for each of the program's examples.
start();

async function start() {
  const setup = await (await fetch("explorer/setup.json")).json();
  document.title = `GraphiQL · ${setup.program}`;
  const tabs = setup.examples.map((one) => ({
    query: `# ${one.title}\n# ${one.title_zh}\n${one.query}`,
    variables: one.variables,
    headers: one.headers,
  }));
  ReactDOM.render(
    React.createElement(GraphiQL, {
      fetcher: await fetcher(),
      defaultTabs: tabs,
      ...tabs[0], // the tab that is open at first
      defaultEditorToolsVisibility: "variables",
      shouldPersistHeaders: false, // tokens are written there
      storage: session(),
    }),
    document.getElementById("graphiql"),
  );
}

// GraphiQL's own knows an older format of answers in parts; ours gives it all that has come, each time anew.
async function fetcher() {
  const { ask } = await import("./asking.js");
  const language = navigator.language;
  return (asked, { headers } = {}) => ({
    subscribe({ next, error, complete }) {
      const aborting = new AbortController();
      const request = { ...asked, headers, language, url: "graphql", signal: aborting.signal };
      ask(request, (response) => next(structuredClone(response))).then(complete, error);
      return { unsubscribe: () => aborting.abort() };
    },
  });
}

// Nothing outlives the page: the next person at this browser sees no tokens and no answers.
function session() {
  const kept = new Map();
  return {
    getItem: (key) => kept.get(key) ?? null,
    setItem: (key, value) => kept.set(key, value),
    removeItem: (key) => kept.delete(key),
    clear: () => kept.clear(),
    get length() { return kept.size; },
  };
}
