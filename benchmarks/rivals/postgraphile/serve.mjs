// PostGraphile as its own documentation mounts it. Usage: node serve.mjs DATABASE_URL PORT
import http from "node:http";
import { postgraphile } from "postgraphile";

const [url, port] = process.argv.slice(2);
const middleware = postgraphile(url, "public", {
  disableDefaultMutations: true,
  disableQueryLog: true,
  dynamicJson: true,
  setofFunctionsContainNulls: false,
});
http.createServer(middleware).listen(Number(port), "127.0.0.1");
