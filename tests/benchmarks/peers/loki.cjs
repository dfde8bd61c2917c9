// Asks LokiJS the questions of tests/benchmarks/peers: node loki.cjs FOLDER TIMES, with issue.jsonl and
// person.jsonl in the folder and lokijs in its node_modules. Prints one JSON document.
"use strict";
const fs = require("node:fs");
const path = require("node:path");
const readline = require("node:readline");
const { performance } = require("node:perf_hooks");

const folder = process.argv[2];
const times = Number(process.argv[3]);
const asked = JSON.parse(fs.readFileSync(path.join(folder, "asked.json"), "utf8"));
const Loki = require(require.resolve("lokijs", { paths: [folder] }));

// What a user would index: what is filtered and sorted by every day. A field of the project's own is not.
const INDICES = ["id", "status", "priority", "category", "due", "title", "number"];

async function load(name, collection) {
  const lines = readline.createInterface({ input: fs.createReadStream(path.join(folder, `${name}.jsonl`)) });
  const documents = [];
  for await (const line of lines) documents.push(JSON.parse(line));
  collection.insert(documents);
  return documents.length;
}

function median(numbers) {
  const sorted = [...numbers].sort((a, b) => a - b);
  return sorted[sorted.length >> 1];
}

// The median of many runs, in ms, after some that warm the compiler up; each run may change something before.
function timed(run, before) {
  const taken = [];
  for (let at = 0; at < times + 3; at++) {
    if (before) before(at);
    const begun = performance.now();
    run(at);
    if (at >= 3) taken.push(performance.now() - begun);
  }
  return median(taken);
}

function escaped(text) {
  return text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
}

async function main() {
  const base = new Loki("sitebook.db", { verbose: false });
  const begun = performance.now();
  const issues = base.addCollection("issue", { indices: INDICES, unique: [] });
  const people = base.addCollection("person", { indices: ["id", "company"] });
  await load("issue", issues);
  await load("person", people);
  for (const index of INDICES) issues.ensureIndex(index, true);
  const loaded = performance.now() - begun;

  const own = asked.number;
  const shown = (documents) => ({ count: documents.length, first: documents.slice(0, 5).map((each) => each.number) });
  const both = { $and: [{ status: asked.status }, { priority: asked.priority }] };
  // LokiJS has two ways to sort by one field; the faster one counts.
  const plain = { useJavascriptSorting: true };
  const questions = {
    filter_name: [
      () => issues.chain().find({ status: asked.status }).simplesort("title").data(),
      () => issues.chain().find({ status: asked.status }).simplesort("title", plain).data(),
    ],
    two_filters_date: [
      () => issues.chain().find(both).simplesort("due").data(),
      () => issues.chain().find(both).simplesort("due", plain).data(),
    ],
    sort_number: [
      () => issues.chain().simplesort(own).data(),
      () => issues.chain().simplesort(own, plain).data(),
    ],
    two_keys: () => issues.chain().compoundsort(["category", [own, true]]).data(),
    title_contains: (at) => {
      const word = asked.words[at % asked.words.length];
      return issues.chain().find({ title: { $regex: [escaped(word), "i"] } }).data();
    },
    related: () => {
      const employed = new Set(people.find({ company: asked.company }).map((each) => each.id));
      return issues.where((issue) => (issue.assignees || []).some((person) => employed.has(person)));
    },
  };
  const found = {};
  for (const [name, ways] of Object.entries(questions)) {
    const taken = [ways].flat().map((way) => timed(way));
    found[name] = { ms: Math.min(...taken), ways: taken, ...shown([ways].flat()[0](0)) };
  }

  // Groups with how many there are and what they cost.
  let groups;
  const grouped = () => {
    groups = issues.chain().find({ status: asked.status }).mapReduce(
      (issue) => issue,
      (chosen) => {
        const sums = new Map();
        for (const issue of chosen) {
          const sum = sums.get(issue.category) || { count: 0, cost: 0 };
          sum.count += 1;
          sum.cost += issue.cost || 0;
          sums.set(issue.category, sum);
        }
        return sums;
      },
    );
  };
  found.group_sum = { ms: timed(grouped), count: groups.size };

  // A view that LokiJS keeps up to date by itself, sorted, and one edit of an issue in it.
  const view = issues.addDynamicView("open");
  view.applyFind({ status: asked.status });
  view.applySimpleSort("due");
  const edited = view.data().slice(0, times + 3);
  found.edit_view = {
    ms: timed((at) => {
      const issue = edited[at % edited.length];
      issue.due = `2026-07-${String(10 + (at % 20)).padStart(2, "0")}`;
      issues.update(issue);
      view.data();
    }),
    count: view.data().length,
  };
  issues.removeDynamicView("open");

  process.stdout.write(
    JSON.stringify({ found, loaded, rss: process.memoryUsage().rss, indices: INDICES, node: process.version }) + "\n",
  );
}

main();
