// Replicates the documents of a JSON lines file between two PouchDB databases over express-pouchdb, all on LevelDB.
//
//   node pouch.cjs serve FOLDER                prints the port it listens on, and goes on until it is killed
//   node pouch.cjs one-by-one FOLDER URL FILE  puts each document by itself, then replicates it there and back
//   node pouch.cjs fresh FOLDER URL FILE       fills the server, then replicates all of it into a new database
//
// Prints one line of JSON with seconds.
"use strict";
const fs = require("fs");
const path = require("path");
const [what, folder, url, file] = process.argv.slice(2);
const load = (name) => require(require.resolve(name, { paths: [folder] }));
const PouchDB = load("pouchdb");

const BATCH = { batch_size: 1000, batches_limit: 10 };
const local = (name) => new PouchDB(path.join(folder, name));
const remote = (name) => new PouchDB(`${url}/${name}`, { fetch: PouchDB.fetch });
const documents = () =>
  fs.readFileSync(file, "utf8").split("\n").filter(Boolean).map((line) => {
    const { id, ...fields } = JSON.parse(line);
    return { _id: id, ...fields };
  });

async function timed(work) {
  const begun = process.hrtime.bigint();
  const result = await work();
  return [Number(process.hrtime.bigint() - begun) / 1e9, result];
}

function serve() {
  const express = load("express");
  const data = path.join(folder, "server");
  fs.mkdirSync(data, { recursive: true });
  const Prefixed = PouchDB.defaults({ prefix: data + path.sep });
  const app = express();
  app.use("/", load("express-pouchdb")(Prefixed, {
    mode: "minimumForPouchDB",
    logPath: path.join(folder, "pouch.log"),
    configPath: path.join(folder, "pouch.json"),
  }));
  const server = app.listen(0, "127.0.0.1", () => console.log(server.address().port));
}

async function oneByOne() {
  const all = documents();
  const author = local("author");
  const [put] = await timed(async () => {
    for (const each of all) await author.put(each);
  });
  const [push] = await timed(() => author.replicate.to(remote("changes"), BATCH));
  const reader = local("reader");
  const [pull] = await timed(() => reader.replicate.from(remote("changes"), BATCH));
  const count = (await reader.info()).doc_count;
  console.log(JSON.stringify({ put, push, pull, count, node: process.version }));
}

async function fresh() {
  const server = remote("whole");
  const all = documents();
  for (let at = 0; at < all.length; at += 1000) await server.bulkDocs(all.slice(at, at + 1000));
  const [pull] = await timed(() => local("fresh").replicate.from(server, BATCH));
  const count = (await local("fresh").info()).doc_count;
  console.log(JSON.stringify({ pull, count, node: process.version }));
}

({ serve, "one-by-one": oneByOne, fresh })[what]();
