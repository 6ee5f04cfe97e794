// Apollo's gateway as its own documentation starts it. Usage: node apollo.mjs SUPERGRAPH_FILE PORT
import fs from "node:fs";
import { ApolloGateway } from "@apollo/gateway";
import { ApolloServer } from "@apollo/server";
import { startStandaloneServer } from "@apollo/server/standalone";

const [file, port] = process.argv.slice(2);
const gateway = new ApolloGateway({ supergraphSdl: fs.readFileSync(file, "utf8") });
await startStandaloneServer(new ApolloServer({ gateway }), { listen: { host: "127.0.0.1", port: Number(port) } });
