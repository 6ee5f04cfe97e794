// The page's own words. What a program answers comes in the language asked for by Accept-Language.

export const WORDS = {
  en: {
    title: "GraphQL explorer",
    examples: "Examples",
    choose: "Choose one …",
    run: "Run",
    stop: "Stop",
    answers: "Language",
    schema: "Schema",
    operation: "Operation (Ctrl+Enter runs it)",
    variables: "Variables (JSON)",
    headers: "Headers (JSON), for example {\"Authorization\": \"Bearer …\"}",
    search: "Search the schema",
    running: "Asking …",
    stopped: "Stopped.",
    answered: (status, ms, bytes) => `Status ${status} after ${ms} ms, ${bytes} bytes`,
    more: (count) => `– ${count} more to come …`,
    unreachable: "The program cannot be reached.",
    notJson: (where, why) => `The ${where} are not JSON: ${why}`,
    coverage: (asked, answered) => `${answered} of ${asked} asked have answered.`,
    missing: "No answer from:",
    noSchema: "The schema cannot be read with these headers.",
    found: (count) => `${count} found`,
    root: "Schema",
    values: "Values",
    possible: "One of",
    deprecated: "Deprecated: ",
  },
  zh: {
    title: "GraphQL 浏览器",
    examples: "示例",
    choose: "请选择 …",
    run: "运行",
    stop: "停止",
    answers: "语言",
    schema: "模式",
    operation: "操作（Ctrl+Enter 运行）",
    variables: "变量（JSON）",
    headers: "请求头（JSON），例如 {\"Authorization\": \"Bearer …\"}",
    search: "搜索模式",
    running: "正在查询 …",
    stopped: "已停止。",
    answered: (status, ms, bytes) => `状态 ${status}，用时 ${ms} 毫秒，${bytes} 字节`,
    more: (count) => `，还有 ${count} 部分未到 …`,
    unreachable: "无法连接到服务。",
    notJson: (where, why) => `${where} 不是有效的 JSON：${why}`,
    coverage: (asked, answered) => `共询问 ${asked} 个，已应答 ${answered} 个。`,
    missing: "未应答：",
    noSchema: "以当前请求头无法读取模式。",
    found: (count) => `找到 ${count} 项`,
    root: "模式",
    values: "取值",
    possible: "可为",
    deprecated: "已弃用：",
  },
};

export function element(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (key.startsWith("on")) made.addEventListener(key.slice(2), value);
    else if (value !== undefined) made.setAttribute(key, value);
  }
  made.append(...children.filter((child) => child !== null && child !== undefined));
  return made;
}
