// Times Apollo's planner on an operation it has not seen: parse, validate, plan. Prints milliseconds as JSON.
// Usage: node plan.mjs SUPERGRAPH_FILE QUERY_FILE TIMES
import fs from "node:fs";
import { operationFromDocument, Supergraph } from "@apollo/federation-internals";
import { QueryPlanner } from "@apollo/query-planner";
import { parse, validate } from "graphql";

const [file, queryFile, times] = process.argv.slice(2);
const supergraph = Supergraph.build(fs.readFileSync(file, "utf8"));
const planner = new QueryPlanner(supergraph);
const schema = supergraph.apiSchema();
const validated = schema.toGraphQLJSSchema();
const query = fs.readFileSync(queryFile, "utf8");
const taken = [];
for (let time = 0; time < Number(times); time++) {
  const text = query.replace("TestQuery", `TestQuery${time}`);
  const begun = performance.now();
  const document = parse(text);
  const faults = validate(validated, document);
  if (faults.length) throw faults[0];
  planner.buildQueryPlan(operationFromDocument(schema, document));
  taken.push(performance.now() - begun);
}
console.log(JSON.stringify(taken));
