// Relays edits of one Yjs text through a Hocuspocus server to many listeners.
//
//   node hocus.cjs serve FOLDER                    prints the port it listens on, and goes on until it is killed
//   node hocus.cjs listen FOLDER URL LISTENERS N   makes N edits, 20 ms apart, and measures when each listener has them
//
// Prints one line of JSON: milliseconds from an edit until a listener has it, all of them.
"use strict";
const [what, folder, url, listeners, edits] = process.argv.slice(2);
const load = (name) => require(require.resolve(name, { paths: [folder] }));
const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

async function serve() {
  const { Server } = load("@hocuspocus/server");
  const server = new Server({ port: 0, address: "127.0.0.1", quiet: true, stopOnSignals: true });
  await server.listen();
  console.log(server.address.port);
}

async function join(Y, { HocuspocusProvider, HocuspocusProviderWebsocket }) {
  const document = new Y.Doc();
  const websocketProvider = new HocuspocusProviderWebsocket({ url, WebSocketPolyfill: load("ws") });
  const provider = new HocuspocusProvider({ websocketProvider, name: "text", document });
  provider.attach();
  await new Promise((resolve) => provider.on("synced", resolve));
  return document;
}

async function listen() {
  const Y = load("yjs");
  const provider = load("@hocuspocus/provider");
  const writer = await join(Y, provider);
  const times = [];
  let sent = 0n;
  for (let number = 0; number < Number(listeners); number++) {
    const document = await join(Y, provider);
    document.getText("text").observe(() => times.push(Number(process.hrtime.bigint() - sent) / 1e6));
  }
  for (let number = 0; number < Number(edits); number++) {
    const before = times.length;
    sent = process.hrtime.bigint();
    writer.getText("text").insert(0, "x");
    while (times.length < before + Number(listeners)) await pause(1);
    await pause(20);
  }
  console.log(JSON.stringify({ times, node: process.version }));
  process.exit(0);
}

({ serve, listen })[what]();
